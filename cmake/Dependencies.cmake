# Every third-party library, found once. Imported targets, so their headers count as system headers.
#
#   Boost::headers Boost::json Boost::url     tenantry::asio (Asio and Beast, compiled once)
#   SQLite::SQLite3  third::sodium  third::jose  third::jansson  third::utf8proc  third::csv  third::libarchive  third::jemalloc  third::libpq  third::libcurl  OpenSSL::Crypto
#   CLI11::CLI11  fmt::fmt  spdlog::spdlog  tomlplusplus::tomlplusplus  Threads::Threads
#   GTest::gtest GTest::gmock  third::rapidcheck                       (tests)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(SQLite3 3.40 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET GLOBAL libsodium)
pkg_check_modules(jose REQUIRED IMPORTED_TARGET GLOBAL jose)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET GLOBAL jansson)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET GLOBAL libutf8proc)
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET GLOBAL libarchive)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET GLOBAL jemalloc)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET GLOBAL libpq>=15)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET GLOBAL libcurl>=7.88)
foreach(name sodium jose jansson utf8proc libarchive jemalloc libpq libcurl)
  add_library(third::${name} ALIAS PkgConfig::${name})
endforeach()

# libcsv ships neither a CMake package nor a .pc file.
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
add_library(third::csv UNKNOWN IMPORTED GLOBAL)
set_target_properties(third::csv PROPERTIES
  IMPORTED_LOCATION "${CSV_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${CSV_INCLUDE_DIR}")

if(TENANTRY_BUILD_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  find_path(RAPIDCHECK_INCLUDE_DIR rapidcheck.h REQUIRED)
  find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
  add_library(third::rapidcheck UNKNOWN IMPORTED GLOBAL)
  set_target_properties(third::rapidcheck PROPERTIES
    IMPORTED_LOCATION "${RAPIDCHECK_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${RAPIDCHECK_INCLUDE_DIR}")
endif()
