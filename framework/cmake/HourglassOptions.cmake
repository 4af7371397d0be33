# Compiler options of the project's own targets: warnings, sanitizers.
add_library(hourglass_options INTERFACE)
target_compile_options(hourglass_options INTERFACE -Wall -Wextra)
if(HOURGLASS_WARNINGS_AS_ERRORS)
  target_compile_options(hourglass_options INTERFACE -Werror)
endif()
if(HOURGLASS_SANITIZE)
  target_compile_options(hourglass_options INTERFACE -fsanitize=${HOURGLASS_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(hourglass_options INTERFACE -fsanitize=${HOURGLASS_SANITIZE})
endif()
