# Third-party libraries, found once. Wheels come from the Python environment that tools/setup makes.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(Protobuf REQUIRED)
find_package(RocksDB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(GTest QUIET)      # of the group dev: without it no tests are built
find_package(benchmark QUIET)  # of the group bench
find_library(XXHASH_LIBRARY xxhash REQUIRED)

set(SHORTLIST_PYTHON_ENV "${CMAKE_SOURCE_DIR}/build/env" CACHE PATH "Python environment that holds the pyarrow and lightgbm wheels")
file(GLOB PY_SITE "${SHORTLIST_PYTHON_ENV}/lib/python3*/site-packages")
if(NOT PY_SITE)
  message(FATAL_ERROR "No Python environment at ${SHORTLIST_PYTHON_ENV}: run tools/setup core")
endif()

# Imports one shared library out of a wheel, by path.
function(wheel_library name so include)
  file(GLOB found "${so}")
  list(LENGTH found count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "${name}: expected one match of ${so}, got '${found}'")
  endif()
  add_library(${name} SHARED IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${found}" INTERFACE_INCLUDE_DIRECTORIES "${include}")
endfunction()
wheel_library(wheel::arrow "${PY_SITE}/pyarrow/libarrow.so.[0-9]*" "${PY_SITE}/pyarrow/include")
wheel_library(wheel::parquet "${PY_SITE}/pyarrow/libparquet.so.[0-9]*" "${PY_SITE}/pyarrow/include")
wheel_library(wheel::arrow_compute "${PY_SITE}/pyarrow/libarrow_compute.so.[0-9]*" "${PY_SITE}/pyarrow/include")
wheel_library(wheel::lightgbm "${PY_SITE}/lightgbm/lib/lib_lightgbm.so" "${SHORTLIST_PYTHON_ENV}/lightgbm/include")

# The version of an installed wheel, read from its metadata folder: what a bundle's manifest names.
function(wheel_version variable package)
  file(GLOB found "${PY_SITE}/${package}-*.dist-info")
  get_filename_component(folder "${found}" NAME)
  string(REGEX REPLACE "^${package}-(.*)\\.dist-info$" "\\1" version "${folder}")
  set(${variable} "${version}" PARENT_SCOPE)
endfunction()
wheel_version(SHORTLIST_ARROW_VERSION pyarrow)
wheel_version(SHORTLIST_LIGHTGBM_VERSION lightgbm)
