# The baseline is Python's SimPy: the environment that ./dev made, else the system's.
if(EXISTS ${PROJECT_SOURCE_DIR}/.venv/bin/python)
  set(python ${PROJECT_SOURCE_DIR}/.venv/bin/python)
else()
  set(python python3)
endif()
target_compile_definitions(bench_sim_speed PRIVATE HOTLINE_BENCH_PYTHON="${python}" HOTLINE_BENCH_FOLDER="${CMAKE_CURRENT_SOURCE_DIR}")
