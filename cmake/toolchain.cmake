# Flags that hold for every target, and the two options of the build: SHORTLIST_SANITIZE and SHORTLIST_FUZZ.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()
set(SHORTLIST_SANITIZE "" CACHE STRING "Comma-separated sanitizers: address,undefined or thread; needs clang")
option(SHORTLIST_COVERAGE "Instrument engine/ for line coverage" OFF)
option(SHORTLIST_FUZZ "Build the fuzz targets; needs clang" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # ccache finds a unit again in another clone only when paths are made relative to the checkout.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(shortlist_flags INTERFACE)
target_include_directories(shortlist_flags INTERFACE "${CMAKE_SOURCE_DIR}")
# Contraction would make a fold's bits depend on the CPU: kernels call FMA by name instead.
target_compile_options(shortlist_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror
  -ffp-contract=off "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns falsely inside its own std::string (GCC bugs 105329 and 105651).
  target_compile_options(shortlist_flags INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O3")
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
  target_compile_options(shortlist_flags INTERFACE --coverage -O0)
  target_link_options(shortlist_flags INTERFACE --coverage)
endif()
