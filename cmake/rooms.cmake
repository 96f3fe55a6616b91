# A room is one folder and one static library (or executable) with one job. `totpilot_room(base DEPENDS ...)` takes every
# .cpp of the folder, so adding a file needs no edit here. Which room may include which is checked by .ci/check-layers.

add_library(totpilot_flags INTERFACE)
target_compile_features(totpilot_flags INTERFACE cxx_std_23)
target_include_directories(totpilot_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_definitions(totpilot_flags INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_CONCEPTS ZX_USE_UTF8)
target_compile_options(totpilot_flags INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -fno-omit-frame-pointer -fPIC)
target_link_options(totpilot_flags INTERFACE -fuse-ld=lld -pie)
option(TOTPILOT_UNITY "compile eight files of a room as one" ON)
set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all)
if(TOTPILOT_TESTING)
  target_compile_definitions(totpilot_flags INTERFACE TOTPILOT_TESTING)
  target_compile_options(totpilot_flags INTERFACE ${sanitize})
  target_link_options(totpilot_flags INTERFACE ${sanitize})
else()
  target_compile_options(totpilot_flags INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2)
  target_link_options(totpilot_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
target_link_libraries(totpilot_flags INTERFACE Threads::Threads)

# totpilot_precompile(KIND HEADER [DEPENDS ...]): a precompiled header that targets share. Boost.Asio's coroutines, GoogleTest and CLI11
# dominate the time to compile. In the test build the header's inline functions are compiled once, into an object of their own, instead of
# into every object that uses them (clang's -fpch-codegen; halves the time of a file). Optimized code wants them inlined instead.
# CMAKE_DISABLE_PRECOMPILE_HEADERS (the preset `tidy`) leaves it all out: each file then stands on its own includes.
if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  set(pch_options "SHELL:-Xclang -fno-pch-timestamp" -fpch-instantiate-templates)
endif()
function(totpilot_precompile kind header)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/${kind}.cpp CONTENT "")  # written only when it differs, or every configure would rebuild the world
  add_library(totpilot_${kind} OBJECT ${CMAKE_BINARY_DIR}/generated/${kind}.cpp)
  target_link_libraries(totpilot_${kind} PUBLIC totpilot_flags Boost::headers nlohmann_json::nlohmann_json fmt::fmt ${ARGN})
  target_precompile_headers(totpilot_${kind} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/${header})
  target_compile_options(totpilot_${kind} PUBLIC ${pch_options})
  add_library(totpilot_${kind}_code INTERFACE)
  if(TOTPILOT_TESTING AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_compile_options(totpilot_${kind} PRIVATE -fpch-codegen)
    set(compiled ${CMAKE_BINARY_DIR}/CMakeFiles/totpilot_${kind}.dir/cmake_pch.hxx.pch)
    separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS_DEBUG}")
    add_custom_command(OUTPUT ${kind}.o DEPENDS ${compiled} VERBATIM
      COMMAND ${CMAKE_CXX_COMPILER} ${flags} -std=c++2b -fPIC -fno-omit-frame-pointer ${sanitize}
              -fpch-instantiate-templates -ffunction-sections -c ${compiled} -o ${kind}.o)
    add_custom_target(totpilot_${kind}_object DEPENDS ${kind}.o)
    target_link_libraries(totpilot_${kind}_code INTERFACE ${CMAKE_BINARY_DIR}/${kind}.o)
    target_link_options(totpilot_${kind}_code INTERFACE -Wl,--gc-sections)  # what nobody uses may name what no library has
    add_dependencies(totpilot_${kind}_code totpilot_${kind}_object)
  endif()
endfunction()
totpilot_precompile(pch pch.h)
totpilot_precompile(pch_cli pch_cli.h CLI11::CLI11)
if(TOTPILOT_TESTING)
  totpilot_precompile(pch_test pch_test.h GTest::gmock GTest::gtest)
endif()

# totpilot_compile(TARGET [pch|pch_cli|pch_test]): our flags and one of the precompiled headers.
function(totpilot_compile target)
  set(kind ${ARGN})
  if(NOT kind)
    set(kind pch)
  endif()
  target_link_libraries(${target} PUBLIC totpilot_flags totpilot_${kind}_code Boost::headers nlohmann_json::nlohmann_json fmt::fmt)
  target_compile_options(${target} PRIVATE ${pch_options})
  target_precompile_headers(${target} REUSE_FROM totpilot_${kind})
  # Eight files are compiled as one, which takes little longer than each of them alone: what they include and instantiate, they share. Names
  # of unnamed namespaces must differ within a room.
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${TOTPILOT_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# totpilot_room(NAME [PCH kind] [DEPENDS rooms and libraries] [EXCLUDE files]): the library totpilot_NAME of this folder's .cpp files.
function(totpilot_room name)
  cmake_parse_arguments(ROOM "" "PCH" "DEPENDS;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(file ${ROOM_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  if(NOT sources)
    add_library(totpilot_${name} INTERFACE)
    target_link_libraries(totpilot_${name} INTERFACE totpilot_flags ${ROOM_DEPENDS})
    return()
  endif()
  add_library(totpilot_${name} STATIC ${sources})
  totpilot_compile(totpilot_${name} ${ROOM_PCH})
  target_link_libraries(totpilot_${name} PUBLIC ${ROOM_DEPENDS})
endfunction()

# totpilot_test(NAME [DEPENDS ...] [LABEL fast|browser|slow] [TIMEOUT s]): NAME_test of this folder's .cpp files, found by ctest.
function(totpilot_test name)
  cmake_parse_arguments(T "" "LABEL;TIMEOUT" "DEPENDS;SOURCES" ${ARGN})
  if(NOT TOTPILOT_TESTING)
    return()
  endif()
  if(NOT T_SOURCES)
    file(GLOB T_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  if(NOT T_SOURCES)
    return()
  endif()
  if(NOT T_LABEL)
    set(T_LABEL fast)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 600)  # a hang is cut off; slowness is no failure
  endif()
  add_executable(${name}_test ${T_SOURCES})
  totpilot_compile(${name}_test pch_test)
  target_compile_definitions(${name}_test PRIVATE TOTPILOT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TOTPILOT_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  target_link_libraries(${name}_test PRIVATE ${T_DEPENDS} GTest::gmock GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT})
endfunction()
enable_testing()
