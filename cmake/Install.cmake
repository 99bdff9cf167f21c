include(CMakePackageConfigHelpers)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/hotline DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT hotlineTargets NAMESPACE hotline:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/hotline)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/hotlineConfig.cmake.in
  ${PROJECT_BINARY_DIR}/hotlineConfig.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/hotline)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hotlineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/hotlineConfig.cmake ${PROJECT_BINARY_DIR}/hotlineConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/hotline)
