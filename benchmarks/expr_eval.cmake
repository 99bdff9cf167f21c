target_include_directories(bench_expr_eval PRIVATE ${PROJECT_SOURCE_DIR}/lib) # the tree walk
