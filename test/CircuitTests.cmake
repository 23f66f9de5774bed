# Tests that run compiled circuits.

# Circuits that tests run take a while to compile: ctest has it done once, before
# the first test that needs one, and only where dale has changed.
set(DALE_TEST_CIRCUITS ${CMAKE_CURRENT_BINARY_DIR}/circuits)
file(MAKE_DIRECTORY ${DALE_TEST_CIRCUITS})
file(GLOB DALE_EXAMPLES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.toml)
add_custom_target(test-circuits)
add_test(NAME circuits
  COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target test-circuits)
set_tests_properties(circuits PROPERTIES FIXTURES_SETUP circuits TIMEOUT 3000)

# dale_test_circuit(NAME FILE options of 'dale compile'...): without GPU code,
# which would take as long again, unless the options say otherwise.
function(dale_test_circuit name file)
  if(NOT "--gpu" IN_LIST ARGN)
    list(APPEND ARGN --gpu none)
  endif()
  set(output ${DALE_TEST_CIRCUITS}/${name})
  get_filename_component(file ${file} ABSOLUTE)
  add_custom_command(OUTPUT ${output}
    COMMAND dale compile ${file} -o ${output} ${ARGN}
    DEPENDS dale dale_runtime ${file} ${DALE_EXAMPLES}
    COMMENT "Compiling the circuit ${name}"
    VERBATIM)
  add_custom_target(test-circuit-${name} DEPENDS ${output})
  add_dependencies(test-circuits test-circuit-${name})
endfunction()

find_package(ZLIB REQUIRED)
find_package(nlohmann_json REQUIRED)

# What the runtime's tests share, for tests that run executables. Of the runtime
# itself only what reads and writes files: the rest needs a circuit to link with.
add_library(dale_test_support STATIC
  unit/runtime/Support.cpp
  $<TARGET_OBJECTS:dale_runtime_files>)
target_compile_options(dale_test_support PRIVATE -Wall -Wextra)
target_compile_definitions(dale_test_support PUBLIC FMT_HEADER_ONLY)
target_include_directories(dale_test_support PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(dale_test_support PUBLIC
  GTest::gtest_main GTest::gtest nlohmann_json::nlohmann_json ZLIB::ZLIB)

# dale_circuit_tests(NAME sources...): GoogleTests that run compiled circuits.
function(dale_circuit_tests name)
  add_executable(${name} ${ARGN})
  target_compile_options(${name} PRIVATE -Wall -Wextra)
  target_compile_definitions(${name} PRIVATE
    CIRCUITS_FOLDER="${DALE_TEST_CIRCUITS}")
  target_link_libraries(${name} PRIVATE dale_test_support)
  gtest_discover_tests(${name}
    DISCOVERY_TIMEOUT 60
    PROPERTIES FIXTURES_REQUIRED circuits)
endfunction()
