find_package(SQLite3 REQUIRED)
target_link_libraries(bench_acd_waiting PRIVATE SQLite::SQLite3)
target_include_directories(bench_acd_waiting PRIVATE ${PROJECT_SOURCE_DIR}/lib)
