target_compile_definitions(bench_workflow_decide PRIVATE HOTLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
