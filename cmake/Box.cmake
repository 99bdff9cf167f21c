# hotline_box(name [BOXES other boxes...] [LIBRARIES outside libraries...])
#
# One box of docs/architecture.md: lib/<name>/*.cpp become the target hotline::<name>. BOXES are public
# (their headers show in ours); LIBRARIES are private: no outside header is seen in a public one.
function(hotline_box name)
  cmake_parse_arguments(BOX "" "" "BOXES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lib/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  set(target hotline_${name})
  add_library(${target} STATIC ${sources})
  add_library(hotline::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(
    ${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/lib)
  foreach(box ${BOX_BOXES})
    if(TARGET hotline_${box}) # a box whose libraries are missing is left out
      target_link_libraries(${target} PUBLIC hotline_${box})
    endif()
  endforeach()
  foreach(library ${BOX_LIBRARIES})
    if(library STREQUAL "nlohmann_json::nlohmann_json") # headers only: who uses the installed box needs it not
      set(library $<BUILD_INTERFACE:${library}>)
    endif()
    target_link_libraries(${target} PRIVATE ${library})
  endforeach()
  hotline_warnings(${target})
  install(TARGETS ${target} EXPORT hotlineTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  set_property(GLOBAL APPEND PROPERTY HOTLINE_BOXES ${name})
endfunction()

function(hotline_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wno-missing-field-initializers)
  if(HOTLINE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
