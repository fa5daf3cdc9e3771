# Flags that hold for every target, and the options of a build; CMakePresets.json names the builds.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()
set(SHORTLIST_SANITIZE "" CACHE STRING "Comma-separated sanitizers: address,undefined or thread; needs clang")
option(SHORTLIST_COVERAGE "Instrument engine/ for line coverage" OFF)
option(SHORTLIST_WARNINGS_AS_ERRORS "Stop at the first warning" ON)
option(SHORTLIST_FUZZ "Build the fuzz targets; needs clang" OFF)

# The largest units need 1.5 GB (Beast under AddressSanitizer), so memory may allow fewer compilers than there are cores.
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
cmake_host_system_information(RESULT memory_mib QUERY TOTAL_PHYSICAL_MEMORY)
math(EXPR jobs "${memory_mib} / 2000")
if(jobs GREATER cores)
  set(jobs ${cores})
elseif(jobs LESS 1)
  set(jobs 1)
endif()
set_property(GLOBAL PROPERTY JOB_POOLS compiling=${jobs})
set(CMAKE_JOB_POOL_COMPILE compiling)
set(CMAKE_JOB_POOL_LINK compiling)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # ccache finds a unit again in another clone only when paths are made relative to the checkout, and keeps units with a
  # precompiled header only when it may overlook macros and the times of files.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(shortlist_flags INTERFACE)
target_include_directories(shortlist_flags INTERFACE "${CMAKE_SOURCE_DIR}")
# Contraction would make a fold's bits depend on the CPU: kernels call FMA by name instead.
target_compile_options(shortlist_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion $<$<BOOL:${SHORTLIST_WARNINGS_AS_ERRORS}>:-Werror>
  -ffp-contract=off "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns falsely inside its own std::string and std::variant (GCC bugs 105329, 105651 and 80635).
  target_compile_options(shortlist_flags INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O3")

if(SHORTLIST_SANITIZE)
  set(sanitize -fsanitize=${SHORTLIST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_compile_options(shortlist_flags INTERFACE ${sanitize})
  target_link_options(shortlist_flags INTERFACE ${sanitize})
  set(CMAKE_CXX_FLAGS_RELEASE "-O1")
endif()
if(SHORTLIST_FUZZ)
  target_compile_options(shortlist_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SHORTLIST_COVERAGE)
  target_compile_options(shortlist_flags INTERFACE --coverage -O0 -fprofile-update=atomic)  # counted by several threads
  target_link_options(shortlist_flags INTERFACE --coverage)
endif()
