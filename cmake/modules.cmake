# The one list of modules: folder, direct dependencies, third-party libraries, a line of purpose.
# CMake links from it, tests/tidy enforces it, docs/internals/architecture.md shows it.

# shortlist_module(<name> <dir> DEPENDS <modules...> USES <third-party targets...> PURPOSE <one line>)
function(shortlist_module name dir)
  cmake_parse_arguments(arg "" "PURPOSE" "DEPENDS;USES" ${ARGN})
  set(SHORTLIST_MODULES ${SHORTLIST_MODULES} ${name} PARENT_SCOPE)
  set(SHORTLIST_MODULE_DIR_${name} ${dir} PARENT_SCOPE)
  set(SHORTLIST_MODULE_DEPENDS_${name} "${arg_DEPENDS}" PARENT_SCOPE)
  set(SHORTLIST_MODULE_USES_${name} "${arg_USES}" PARENT_SCOPE)
endfunction()

shortlist_module(base engine/base
  USES Threads::Threads
  PURPOSE "Result, checked arithmetic, ids, clock, seeded random numbers, threads, the config visitor")
shortlist_module(kernels engine/kernels
  DEPENDS base
  PURPOSE "SIMD with scalar twins: dot products, top-k, quantisation, small dense algebra")
shortlist_module(data engine/data
  DEPENDS base
  USES wheel::parquet wheel::arrow_compute wheel::arrow RocksDB::rocksdb-shared Boost::json OpenSSL::Crypto ${XXHASH_LIBRARY}
  PURPOSE "Schema, readers, validation, catalogue, log, bundle folders")
shortlist_module(store engine/store
  DEPENDS base
  USES RocksDB::rocksdb-shared PkgConfig::HIREDIS
  PURPOSE "Users' states outside of one process's memory: memory, RocksDB and Redis behind one interface")
shortlist_module(kafka engine/kafka
  DEPENDS base data
  USES PkgConfig::RDKAFKA Boost::json
  PURPOSE "Consumer groups of Kafka, and the order in which what they bring enters the log")
shortlist_module(eval engine/eval
  DEPENDS base data
  PURPOSE "Metrics with intervals, splits")
shortlist_module(features engine/features
  DEPENDS base data store
  PURPOSE "Feature definitions, the fold, the executor")
shortlist_module(index engine/index
  DEPENDS base kernels
  PURPOSE "Exact top-k search over quantised blocks, and its fp32 twin")
shortlist_module(models engine/models
  DEPENDS base kernels data
  PURPOSE "Forests, factorisations and co-occurrence lists as they are served")
shortlist_module(simulation engine/simulation
  DEPENDS base data
  PURPOSE "Generated worlds with known truth")
shortlist_module(retrieval engine/retrieval
  DEPENDS base kernels data features index models
  PURPOSE "Candidates for one request: factorisation, popularity, item to item")
shortlist_module(ranking engine/ranking
  DEPENDS base kernels data features models
  PURPOSE "Scorers and diversity")
shortlist_module(pipeline engine/pipeline
  DEPENDS base kernels data store features models retrieval ranking
  USES Boost::json
  PURPOSE "The request path: stages, degradation, explanations, live state")
shortlist_module(training engine/training
  DEPENDS base kernels data eval features index models retrieval ranking pipeline
  USES wheel::lightgbm
  PURPOSE "Makes models and bundles from data")
shortlist_module(project engine/project
  DEPENDS base kernels data store kafka eval features models simulation retrieval ranking pipeline training
  USES yaml-cpp Boost::json
  PURPOSE "The project file, and one library function per verb")
shortlist_module(server apps/server
  DEPENDS base data store kafka features retrieval ranking pipeline project
  USES Boost::json shortlist_messages prometheus-cpp::core spdlog::spdlog OpenSSL::Crypto
  PURPOSE "HTTP: parse, call, serialise")
shortlist_module(cli apps/cli
  DEPENDS base kernels data eval simulation pipeline training project server
  USES CLI11::CLI11 Boost::json spdlog::spdlog
  PURPOSE "The command line: one file per verb")

# shortlist_test(<name> [FAST] [SERIAL] SOURCES ... LINKS ... [NEEDS <targets it starts>]): one GoogleTest program, <name>_test.
# FAST tests also run under the sanitizers; a SERIAL one has the machine to itself. SHORTLIST_BINARY is the program to start.
function(shortlist_test name)
  if(NOT TARGET GTest::gtest_main)
    return()
  endif()
  cmake_parse_arguments(arg "FAST;SERIAL" "" "SOURCES;LINKS;NEEDS" ${ARGN})
  add_executable(${name}_test ${arg_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${arg_LINKS} shortlist_flags GTest::gmock GTest::gtest_main)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_precompile_headers(${name}_test PRIVATE <gtest/gtest.h>)  # clang's holds absolute paths: ccache would miss in each clone
  endif()
  add_test(NAME ${name}_test COMMAND ${name}_test)
  # Arrow's own allocator hides its memory from AddressSanitizer.
  set_tests_properties(${name}_test PROPERTIES RUN_SERIAL "${arg_SERIAL}"
    ENVIRONMENT "SHORTLIST_BINARY=${CMAKE_BINARY_DIR}/apps/cli/shortlist;ARROW_DEFAULT_MEMORY_POOL=system")
  if(arg_NEEDS)
    add_dependencies(${name}_test ${arg_NEEDS})
  endif()
  if(arg_FAST)
    set_tests_properties(${name}_test PROPERTIES LABELS fast)
    add_dependencies(fast_tests ${name}_test)
  endif()
endfunction()

# shortlist_library(<name> SOURCES ... TESTS ... BENCHES ...): the target of one module, called from its folder.
# Every header of the folder joins the header set, so that each is compiled alone under `make check`.
function(shortlist_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;TESTS;BENCHES" ${ARGN})
  add_library(shortlist_${name} STATIC ${arg_SOURCES})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.h")
  target_sources(shortlist_${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${headers})
  target_link_libraries(shortlist_${name} PUBLIC shortlist_flags)
  foreach(dependency IN LISTS SHORTLIST_MODULE_DEPENDS_${name})
    target_link_libraries(shortlist_${name} PUBLIC shortlist_${dependency})
  endforeach()
  # Private: a module's libraries are not its callers' business. Only where headers are compiled alone, a header that is
  # internal to the module must find them too.
  set(scope PRIVATE)
  if(CMAKE_VERIFY_INTERFACE_HEADER_SETS)
    set(scope PUBLIC)
  endif()
  target_link_libraries(shortlist_${name} ${scope} ${SHORTLIST_MODULE_USES_${name}})
  if(arg_TESTS)
    shortlist_test(${name} FAST SOURCES ${arg_TESTS} LINKS shortlist_${name} ${SHORTLIST_MODULE_USES_${name}})
  endif()
  if(arg_BENCHES AND TARGET benchmark::benchmark_main)
    add_executable(${name}_bench EXCLUDE_FROM_ALL ${arg_BENCHES})
    target_link_libraries(${name}_bench PRIVATE shortlist_${name} benchmark::benchmark_main)
  endif()
endfunction()
