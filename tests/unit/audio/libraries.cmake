pkg_check_modules(SPANDSP_BESIDE REQUIRED IMPORTED_TARGET spandsp) # G.711 beside somebody else's
target_link_libraries(unit_audio PRIVATE PkgConfig::SPANDSP_BESIDE)
