# What `cmake --install` puts where. The helpers install themselves to libexec/totpilot; the program finds helpers and playbooks relative to itself,
# so an installed tree can be moved, and a build tree runs in place.
include(GNUInstallDirs)

install(TARGETS totpilot RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/playbooks/apps/ DESTINATION ${CMAKE_INSTALL_DATADIR}/totpilot/playbooks FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/playbooks/schema/ DESTINATION ${CMAKE_INSTALL_DATADIR}/totpilot/schema FILES_MATCHING PATTERN "*.json")
install(FILES ${CMAKE_SOURCE_DIR}/playbooks/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME playbooks.md)
install(FILES ${CMAKE_SOURCE_DIR}/config/systemd/totpilot.service ${CMAKE_SOURCE_DIR}/config/systemd/totpilot-browser.socket
              ${CMAKE_SOURCE_DIR}/config/systemd/totpilot-browser@.service DESTINATION lib/systemd/system)
install(FILES ${CMAKE_SOURCE_DIR}/config/totpilot.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")

# The build tree as an installed one: ../share beside bin.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/totpilot)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/playbooks/apps ${CMAKE_BINARY_DIR}/share/totpilot/playbooks SYMBOLIC)
