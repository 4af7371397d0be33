# hourglass_add_levels(NAME SOURCE): compiles SOURCE into the library three times, once for each
# level of the instruction set, with HOURGLASS_LEVEL set to v2, v3 or v4; the level is chosen at
# start.
function(hourglass_add_levels name source)
  foreach(level v2 v3 v4)
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
