# cmake -DBUILD=... -DWORK=... -P consume.cmake
# Installs the build into WORK/prefix, moves it, and builds and runs two hosts against it: one in C++ that uses
# hotline::acd alone, on a machine that (as far as CMake knows) has no SQLite, ICU or PostgreSQL, one in C, and one in C++
# that keeps tickets with all of them.
cmake_minimum_required(VERSION 3.25)

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed (${status}):\n${text}")
  endif()
  set(output "${text}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
run("cmake --install" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/prefix) # the package must not remember where it was put

set(absent "")
foreach(package SQLite3 ICU PostgreSQL nlohmann_json Boost)
  list(APPEND absent -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
set(hosts cpp c)
if(EXISTS ${WORK}/prefix/include/hotline/ticket.hpp AND TICKET)
  list(APPEND hosts ticket)
endif()
foreach(host ${hosts})
  if(host STREQUAL "ticket")
    set(absent "") # this one needs them
  endif()
  run("configuring the ${host} host" ${CMAKE_COMMAND} -G Ninja -S ${CMAKE_CURRENT_LIST_DIR}/${host} -B ${WORK}/${host}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_BUILD_TYPE=Release ${absent})
  run("building the ${host} host" ${CMAKE_COMMAND} --build ${WORK}/${host})
  run("running the ${host} host" ${WORK}/${host}/host)
  if(NOT output MATCHES "^ok")
    message(FATAL_ERROR "the ${host} host printed: ${output}")
  endif()
endforeach()

run("readelf" readelf -d ${WORK}/cpp/host)
foreach(library sqlite icu sndfile spandsp sofia pq sodium)
  if(output MATCHES "NEEDED[^\n]*lib${library}")
    message(FATAL_ERROR "hotline::acd alone pulls in lib${library}:\n${output}")
  endif()
endforeach()

# No path of the machine that built it.
file(GLOB_RECURSE files ${WORK}/prefix/*.cmake)
foreach(file ${files})
  file(READ ${file} text)
  string(FIND "${text}" "${BUILD}" at)
  if(NOT at EQUAL -1)
    message(FATAL_ERROR "${file} remembers ${BUILD}")
  endif()
endforeach()
message(STATUS "ok")
