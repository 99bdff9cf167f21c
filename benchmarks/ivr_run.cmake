# It counts allocations by its own operator new, which GCC takes for a mismatch once it is inlined.
target_compile_options(bench_ivr_run PRIVATE -Wno-mismatched-new-delete)
