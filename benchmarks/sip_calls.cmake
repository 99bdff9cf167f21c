pkg_check_modules(SOFIA_BARE REQUIRED IMPORTED_TARGET sofia-sip-ua) # the baseline
target_link_libraries(bench_sip_calls PRIVATE hotline_telephones PkgConfig::SOFIA_BARE)
