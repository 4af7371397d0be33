# Writes STAMP: a header with the project's VERSION and a hash over the names and the content of
# the headers under ROOT that a plugin is compiled with (PublicHeaders.cmake). The file keeps its time while nothing changed, so that only a
# changed header rebuilds what includes it. DEPFILE gets the same headers as prerequisites of
# TARGET, so that the build tool knows when to ask again.
cmake_minimum_required(VERSION 3.25)

include(${CMAKE_CURRENT_LIST_DIR}/PublicHeaders.cmake)
hourglass_public_headers(headers ${ROOT})
set(content "")
set(prerequisites "")
foreach(header IN LISTS headers)
  file(SHA256 ${ROOT}/${header} hash)
  string(APPEND content "${header} ${hash}\n")
  string(REPLACE " " "\\ " prerequisite "${ROOT}/${header}")
  string(APPEND prerequisites " \\\n  ${prerequisite}")
endforeach()
string(SHA256 hash "${content}")
string(SUBSTRING ${hash} 0 16 hash)

file(CONFIGURE OUTPUT ${STAMP} @ONLY CONTENT
"#pragma once

#define HOURGLASS_STAMP_VERSION \"@VERSION@\"
#define HOURGLASS_STAMP_HEADERS \"@hash@\"
")
string(REPLACE " " "\\ " target "${TARGET}")
file(WRITE ${DEPFILE} "${target}:${prerequisites}\n")
