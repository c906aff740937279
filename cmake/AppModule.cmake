# The building blocks of the tree: app_module, app_test, app_fuzz.
#
#   app_module(query
#     SOURCES planner.cpp scope_plan.cpp             # none: a header-only module
#     TESTS   planner_test.cpp scope_plan_test.cpp   # -> query_test
#     PUBLIC  tenantry::base tenantry::schema        # seen by this module and by its users
#     PRIVATE tenantry::auth                         # seen by the sources alone
#     SYSTEM  Boost::json                            # third-party, PUBLIC
#     TEST_LINK third::rapidcheck                    # for the tests only
#     TEST_LABELS tsan                               # besides 'unit' and 'asan'
#     APART   scope_plan.cpp)                        # never compiled together with others
#
# fmt and Boost's header-only libraries are everybody's; all else is named by who uses it.
#
# The public headers are all those under src/query/include; each must compile alone. A dependency
# that isn't defined yet is an error, so edges point one way.
#
# Labels choose which tests a sanitizer build runs: `asan` (every module's unit tests have it,
# NO_ASAN takes it away) and `tsan` (given by those who use threads).

# app_require_targets(<whom> <target>...): stops at the first name that isn't a target yet.
function(app_require_targets whom)
  foreach(dependency IN LISTS ARGN)
    if(NOT TARGET ${dependency})
      message(FATAL_ERROR
        "${whom} depends on '${dependency}', which is not defined (yet). A module may only use "
        "modules above it; the order is in the root CMakeLists.txt.")
    endif()
  endforeach()
endfunction()

# app_check_arguments(<whom> <prefix>): stops at unknown arguments.
function(app_check_arguments whom prefix)
  if(DEFINED ${prefix}_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${whom}: unknown arguments: ${${prefix}_UNPARSED_ARGUMENTS}")
  endif()
endfunction()

# app_join_labels(<target> <label>...): `<label>_tests` builds all that `ctest -L <label>` runs.
function(app_join_labels target)
  foreach(label IN LISTS ARGN)
    if(NOT TARGET ${label}_tests)
      add_custom_target(${label}_tests)
    endif()
    add_dependencies(${label}_tests ${target})
  endforeach()
endfunction()

# app_register_whole: as app_register_test, but all cases are one test of ctest's.
function(app_register_whole target timeout serial environment)
  app_join_labels(${target} ${ARGN})
  add_test(NAME ${target} COMMAND ${target} WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  set_tests_properties(${target} PROPERTIES
    TIMEOUT ${timeout} RUN_SERIAL "${serial}" LABELS "${ARGN}" ENVIRONMENT "${environment}"
    COST 1000)  # first, so that nothing waits for them at the end
endfunction()

# app_register_shards: as app_register_whole, but what takes long is shared out among a few tests.
function(app_register_shards target serial environment)
  if(NOT "e2e" IN_LIST ARGN)
    app_register_whole(${target} 1800 ${serial} "${environment}" ${ARGN})
    return()
  endif()
  app_join_labels(${target} ${ARGN})
  foreach(shard RANGE 3)
    add_test(NAME ${target}_${shard} COMMAND ${target}
      WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    set_tests_properties(${target}_${shard} PROPERTIES
      TIMEOUT 1800 RUN_SERIAL "${serial}" LABELS "${ARGN}" COST 2000
      ENVIRONMENT "GTEST_TOTAL_SHARDS=4;GTEST_SHARD_INDEX=${shard};${environment}")
  endforeach()
endfunction()

# app_register_test(<target> <timeout> <serial> <environment> <label>...): its cases become ctest's;
# under a sanitizer, with which a program takes half a second to begin, the program is one test or a few.
function(app_register_test target timeout serial environment)
  if(TENANTRY_SANITIZE)
    app_register_shards(${target} ${serial} "${environment}" ${ARGN})
    return()
  endif()
  app_join_labels(${target} ${ARGN})
  gtest_discover_tests(${target}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    TEST_PREFIX "${target}."
    TEST_LIST ${target}_cases
    WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
    PROPERTIES TIMEOUT ${timeout})
  # Lists don't survive PROPERTIES; ctest reads this file after the discovered cases.
  set(properties "${CMAKE_CURRENT_BINARY_DIR}/${target}_properties.cmake")
  file(GENERATE OUTPUT "${properties}" CONTENT
"if(${target}_cases)
  set_tests_properties(\${${target}_cases} PROPERTIES
    LABELS \"${ARGN}\" RUN_SERIAL \"${serial}\" ENVIRONMENT \"${environment}\")
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${properties}")
endfunction()

# app_precompile(<target>): uses the common precompiled header, if there is one.
function(app_precompile target)
  if(TENANTRY_PCH)
    target_link_libraries(${target} PRIVATE fmt::fmt Boost::headers)
    target_precompile_headers(${target} REUSE_FROM tenantry_pch)
  endif()
endfunction()

# app_as_test(<target>): compiled as quickly as can be, since it runs a few times at most; with the
# tests' precompiled header, if there is one.
function(app_as_test target)
  target_compile_options(${target} PRIVATE ${TENANTRY_TEST_OPTIONS})
  if(TENANTRY_PCH)
    target_link_libraries(${target} PRIVATE fmt::fmt Boost::headers GTest::gmock)
    target_precompile_headers(${target} REUSE_FROM tenantry_test_pch)
  endif()
endfunction()

# app_unite(<target> <apart> <source>...): compiles the sources in batches, if TENANTRY_UNITY; those
# of the list <apart> each alone, as what they declare disagrees with their neighbours.
function(app_unite target apart)
  if(NOT TENANTRY_UNITY)
    return()
  endif()
  set(together ${ARGN})
  if(apart)
    list(REMOVE_ITEM together ${apart})
  endif()
  execute_process(
    COMMAND python3 "${PROJECT_SOURCE_DIR}/scripts/batches.py" ${TENANTRY_UNITY} ${together}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    OUTPUT_VARIABLE batches OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE ";" "\\;" batches "${batches}")
  string(REPLACE "\n" ";" batches "${batches}")
  set(number 0)
  foreach(batch IN LISTS batches)
    set_source_files_properties(${batch} PROPERTIES UNITY_GROUP "${target}_${number}")
    math(EXPR number "${number} + 1")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

function(app_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_ASAN" "TEST_TIMEOUT"
    "SOURCES;TESTS;APART;PUBLIC;PRIVATE;SYSTEM;TEST_LINK;TEST_LABELS")
  app_check_arguments("app_module(${name})" arg)
  app_require_targets("app_module(${name})" ${arg_PUBLIC} ${arg_PRIVATE} ${arg_SYSTEM})
  if(TENANTRY_BUILD_TESTS)
    app_require_targets("app_module(${name})" ${arg_TEST_LINK})
  endif()
  if(NOT arg_TEST_TIMEOUT)
    set(arg_TEST_TIMEOUT 120)
  endif()
  set(target tenantry_${name})
  set(include_root "${CMAKE_CURRENT_SOURCE_DIR}/include")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${include_root}/*.hpp")

  if(arg_SOURCES)
    set(scope PUBLIC)
    add_library(${target} STATIC ${arg_SOURCES})
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE})
    app_precompile(${target})
    app_unite(${target} "${arg_APART}" ${arg_SOURCES})
  elseif(arg_PRIVATE)
    message(FATAL_ERROR "app_module(${name}): PRIVATE means nothing without SOURCES")
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library(tenantry::${name} ALIAS ${target})
  target_sources(${target} ${scope}
    FILE_SET HEADERS BASE_DIRS "${include_root}" FILES ${headers})
  target_link_libraries(${target} ${scope}
    ${arg_PUBLIC} ${arg_SYSTEM} fmt::fmt Boost::headers)

  if(arg_TESTS AND TENANTRY_BUILD_TESTS AND TENANTRY_TEST_MODULES)
    add_executable(${name}_test ${arg_TESTS})
    target_include_directories(${name}_test PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    target_link_libraries(${name}_test PRIVATE
      ${target} ${arg_PRIVATE} ${arg_TEST_LINK} GTest::gmock GTest::gtest GTest::gtest_main)
    app_as_test(${name}_test)
    app_unite(${name}_test "${arg_APART}" ${arg_TESTS})
    set(labels unit ${arg_TEST_LABELS})
    if(NOT arg_NO_ASAN)
      list(APPEND labels asan)
    endif()
    list(REMOVE_DUPLICATES labels)
    app_register_test(${name}_test ${arg_TEST_TIMEOUT} FALSE "" ${labels})
  endif()
endfunction()

# app_test(e2e_http
#   SOURCES http_test.cpp
#   LINK    tenantry::server third::rapidcheck
#   APART   other_test.cpp  # as above
#   LABELS  e2e asan        # nothing is implied here
#   TIMEOUT 300             # seconds a case, 120 unless told
#   PROGRAM                 # needs the program: its path is in the environment as TENANTRY_PROGRAM
#   SERIAL                  # its cases never run beside another test
#   WHOLE                   # its cases are one test, which shares what is costly to make
#   OF_MODULES              # it needs no server: with TENANTRY_TEST_MODULES alone
#   OPTIMISED               # its own work takes long enough for that
#   ENVIRONMENT "A=b")
#
# Each case also finds the source tree at TENANTRY_SOURCE_DIR (a macro, for example data).
function(app_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PROGRAM;SERIAL;WHOLE;OF_MODULES;OPTIMISED" "TIMEOUT"
    "SOURCES;APART;LINK;LABELS;ENVIRONMENT")
  app_check_arguments("app_test(${name})" arg)
  app_require_targets("app_test(${name})" ${arg_LINK})
  if(arg_OF_MODULES AND NOT TENANTRY_TEST_MODULES)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(arg_PROGRAM)
    app_require_targets("app_test(${name}) with PROGRAM" tenantry)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_compile_definitions(${name} PRIVATE TENANTRY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest GTest::gtest_main)
  if(arg_OPTIMISED)
    app_precompile(${name})
  else()
    app_as_test(${name})
  endif()
  app_unite(${name} "${arg_APART}" ${arg_SOURCES})
  if(arg_PROGRAM)
    add_dependencies(${name} tenantry)
    list(APPEND arg_ENVIRONMENT "TENANTRY_PROGRAM=$<TARGET_FILE:tenantry>")
  endif()
  if(arg_WHOLE)
    app_register_whole(${name} ${arg_TIMEOUT} ${arg_SERIAL} "${arg_ENVIRONMENT}" ${arg_LABELS})
  else()
    app_register_test(${name} ${arg_TIMEOUT} ${arg_SERIAL} "${arg_ENVIRONMENT}" ${arg_LABELS})
  endif()
endfunction()

# app_fuzz(csv SOURCE csv_fuzz.cpp LINK tenantry::services CORPUS corpus/csv DICT csv.dict)
#
# -> fuzz_csv, and a ctest that runs it on its corpus for FUZZ_SECONDS (10 unless the environment
# says otherwise). What it finds stays under the build folder; a crash is minimised by hand and
# joins the corpus.
function(app_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SOURCE;CORPUS;DICT" "LINK")
  app_check_arguments("app_fuzz(${name})" arg)
  app_require_targets("app_fuzz(${name})" ${arg_LINK})
  set(target fuzz_${name})
  set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS}")
  if(NOT arg_CORPUS OR NOT IS_DIRECTORY "${corpus}")
    message(FATAL_ERROR "app_fuzz(${name}): the corpus '${corpus}' is missing")
  endif()
  set(dictionary "")
  if(arg_DICT)
    set(dictionary "${CMAKE_CURRENT_SOURCE_DIR}/${arg_DICT}")
  endif()
  add_executable(${target} ${arg_SOURCE})
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${arg_LINK})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzz_targets ${target})
  add_test(NAME ${target}
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/fuzz-one" $<TARGET_FILE:${target}> "${corpus}"
            "${CMAKE_CURRENT_BINARY_DIR}/${name}" ${dictionary})
  set_tests_properties(${target} PROPERTIES LABELS fuzz TIMEOUT 3600)
endfunction()
