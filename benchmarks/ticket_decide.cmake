target_compile_definitions(bench_ticket_decide PRIVATE HOTLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
