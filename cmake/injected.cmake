# Page scripts: TypeScript in drivers/page/injected, bundled by esbuild and embedded as strings. totpilot_page_scripts(TARGET) adds them
# to a target; a changed .ts file rebuilds one C++ file. The tools come from npm, by the lock file, once per work tree.
function(totpilot_page_scripts target)
  find_program(NODE node REQUIRED)
  find_program(NPM npm REQUIRED)
  find_program(FLOCK flock REQUIRED)
  set(folder ${CMAKE_CURRENT_SOURCE_DIR})
  set(stamp ${CMAKE_BINARY_DIR}/generated/page-scripts-tools.stamp)
  set(output ${CMAKE_BINARY_DIR}/generated/injected.cpp)
  file(GLOB scripts CONFIGURE_DEPENDS ${folder}/injected/*.ts)
  # Several build trees share one node_modules; the lock keeps two of them from installing at once.
  add_custom_command(OUTPUT ${stamp}
    COMMAND ${FLOCK} ${folder}/package-lock.json ${CMAKE_COMMAND} -DFOLDER=${folder} -DNPM=${NPM} -P ${CMAKE_SOURCE_DIR}/cmake/npm_ci.cmake
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${folder}/package.json ${folder}/package-lock.json
    COMMENT "Fetching the page scripts' build tools" VERBATIM)
  add_custom_command(OUTPUT ${output}
    COMMAND ${NODE} ${folder}/build.mjs ${output}
    DEPENDS ${scripts} ${folder}/build.mjs ${stamp}
    COMMENT "Bundling the page scripts" VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
