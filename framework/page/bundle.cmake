# Writes PAGE: the page as one file; an empty one where packages could not be fetched.
if(NOT EXISTS ${STAMP})
  file(WRITE ${PAGE} "")
  return()
endif()
execute_process(
  COMMAND ${NODE} ${SOURCE}/build.js ${SOURCE} ${PAGE}
  WORKING_DIRECTORY ${WORK}
  RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  file(REMOVE ${PAGE})
  message(FATAL_ERROR "the page could not be bundled")
endif()
