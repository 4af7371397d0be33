# Installs the packages of the lock file in WORK, and touches STAMP. Packages that npm has fetched
# before need no network. Their scripts are not run.
file(REMOVE ${STAMP})
foreach(file package.json package-lock.json .npmrc)
  configure_file(${SOURCE}/${file} ${WORK}/${file} COPYONLY)
endforeach()
execute_process(
  COMMAND ${NPM} ci --ignore-scripts --prefer-offline --no-progress --loglevel=error
          --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000
  WORKING_DIRECTORY ${WORK}
  RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(status EQUAL 0)
  file(TOUCH ${STAMP})
else()
  message("${said}")
  message("npm could not fetch the packages of the page; the build goes on without it, and "
          "`hourglass compare --format html` will say so. Build again when there is a network, or "
          "configure with -DHOURGLASS_PAGE=OFF.")
endif()
