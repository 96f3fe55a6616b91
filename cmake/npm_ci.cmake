# cmake -DFOLDER=... -DNPM=... -P: installs what FOLDER/package-lock.json says, unless that is what is there already.
set(mark ${FOLDER}/node_modules/.installed-from.json)
if(EXISTS ${mark})
  file(SHA256 ${mark} installed)
  file(SHA256 ${FOLDER}/package-lock.json wanted)
  if(installed STREQUAL wanted)
    return()
  endif()
endif()
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
  WORKING_DIRECTORY ${FOLDER} COMMAND_ERROR_IS_FATAL ANY)
configure_file(${FOLDER}/package-lock.json ${mark} COPYONLY)
