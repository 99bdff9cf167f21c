find_package(SQLite3 REQUIRED)
target_link_libraries(unit_ticket PRIVATE SQLite::SQLite3) # the crashing VFS
