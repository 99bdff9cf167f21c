find_package(SQLite3 REQUIRED) # the baselines speak to the databases themselves
target_link_libraries(bench_ticket_service PRIVATE SQLite::SQLite3)
target_include_directories(bench_ticket_service PRIVATE ${PROJECT_SOURCE_DIR}/tests)
find_package(PostgreSQL QUIET)
if(PostgreSQL_FOUND)
  target_link_libraries(bench_ticket_service PRIVATE PostgreSQL::PostgreSQL)
  target_compile_definitions(bench_ticket_service PRIVATE HOTLINE_POSTGRES)
endif()
