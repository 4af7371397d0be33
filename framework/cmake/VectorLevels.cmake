# hourglass_add_levels(NAME SOURCE [LEVEL...]): compiles SOURCE into the library once for each level
# of the instruction set, with HOURGLASS_LEVEL set to it; by default three times, for v2, v3 and v4.
# The level is chosen at start.
function(hourglass_add_levels name source)
  set(levels ${ARGN})
  if(NOT levels)
    set(levels v2 v3 v4)
  endif()
  foreach(level ${levels})
    set(target hourglass_${name}_${level})
    add_library(${target} OBJECT ${source})
    target_compile_features(${target} PRIVATE cxx_std_20)
    target_compile_definitions(${target} PRIVATE HOURGLASS_LEVEL=${level})
    target_compile_options(${target} PRIVATE
      -march=x86-64-${level} -O3 -fopenmp-simd -fno-math-errno -fno-trapping-math
      -ffp-contract=fast $<$<STREQUAL:${level},v4>:-mprefer-vector-width=512>)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/framework)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(${target} PRIVATE hourglass_options)
    target_sources(hourglass PRIVATE $<TARGET_OBJECTS:${target}>)
  endforeach()
endfunction()
