# Writes STAMP: a header with the project's VERSION and a hash over the names and the content of
# the public headers under ROOT. The file keeps its time while nothing changed, so that only a
# changed header rebuilds what includes it.
cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE headers RELATIVE ${ROOT} ${ROOT}/hourglass/*.hpp)
list(FILTER headers EXCLUDE REGEX "^hourglass/(onednn|storage)/")
list(SORT headers)
set(content "")
foreach(header IN LISTS headers)
  file(SHA256 ${ROOT}/${header} hash)
  string(APPEND content "${header} ${hash}\n")
endforeach()
string(SHA256 hash "${content}")
string(SUBSTRING ${hash} 0 16 hash)

file(CONFIGURE OUTPUT ${STAMP} @ONLY CONTENT
"#pragma once

#define HOURGLASS_STAMP_VERSION \"@VERSION@\"
#define HOURGLASS_STAMP_HEADERS \"@hash@\"
")
