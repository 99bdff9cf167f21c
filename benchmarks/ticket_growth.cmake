find_package(SQLite3 REQUIRED) # rows in bulk
target_link_libraries(bench_ticket_growth PRIVATE SQLite::SQLite3)
target_include_directories(bench_ticket_growth PRIVATE ${PROJECT_SOURCE_DIR}/lib)
