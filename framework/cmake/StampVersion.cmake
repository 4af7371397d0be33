cmake_minimum_required(VERSION 3.25)
# Writes the program's version, git revision and place of its sources into STAMP, only when they have changed.
execute_process(COMMAND git -C ${ROOT} describe --always --dirty --abbrev=12
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE
                RESULT_VARIABLE failed ERROR_QUIET)
if(failed OR revision STREQUAL "")
  set(revision unknown)
endif()
file(CONFIGURE OUTPUT ${STAMP} @ONLY CONTENT
"#pragma once

#define HOURGLASS_VERSION \"@VERSION@\"
#define HOURGLASS_GIT_REVISION \"@revision@\"
#define HOURGLASS_SOURCE_DATASETS \"@ROOT@/datasets\"
")
