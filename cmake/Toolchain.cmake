# Language level, warnings, hardening, sanitizers, linker and compiler cache, for every target alike.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Assertions stay on in every build: a broken invariant must stop the program, not leak a row.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
if(TENANTRY_SANITIZE STREQUAL "")
  set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
else()
  # Line numbers are all that reports need; compiling takes longer than running.
  set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wdeprecated-copy-dtor -Wold-style-cast -Wcast-align -Wimplicit-fallthrough
  -Wno-switch-enum -Wno-missing-field-initializers -Werror=switch -Werror)
if(TENANTRY_UNITY)
  # A neighbour's names don't count; the linter looks for it with each file's own.
  add_compile_options(-Wno-shadow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  if(TENANTRY_UNITY)
    # It takes the frame of a coroutine for a type that others see, when it stands in an included
    # file.
    add_compile_options(-Wno-subobject-linkage)
  endif()
  # GCC 12's optimiser reports moved-from std::variant and std::string inside the library as used
  # uninitialised or overlapping; the sanitizer builds and clang-tidy look for the real ones.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Likewise bounds in inlined std::string and std::vector, and coroutine frames when only one of
    # Asio's operators new and delete was inlined.
    add_compile_options(-Wno-mismatched-new-delete -Wno-stringop-overflow -Wno-stringop-overread
                        -Wno-array-bounds)
  endif()
endif()

add_compile_definitions(_GLIBCXX_ASSERTIONS)
# -fPIE in the libraries too: they only end up in executables, and -fPIC would keep the compiler
# from inlining what it takes for interposable.
add_compile_options(-fstack-protector-strong -fPIE)
add_link_options(-pie LINKER:-z,relro LINKER:-z,now)

# What app_as_test() adds: tests run a few times, so compiling them is what takes the time.
set(TENANTRY_TEST_OPTIONS "")
if(TENANTRY_SANITIZE STREQUAL "")
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Some compilers predefine it; set it once, without a redefinition warning.
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    # Fortified functions want an optimiser.
    set(TENANTRY_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)
  endif()
elseif(TENANTRY_SANITIZE STREQUAL "address")
  # Not vptr: clang's looks at objects through a pipe, and takes them for broken where no file can be
  # opened, which tests bring about. Not null and alignment: a sixth of the time goes into them, and
  # AddressSanitizer reports null pointers itself.
  set(sanitizer_flags -fsanitize=address,undefined -fno-sanitize=vptr,null,alignment
                      -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(TENANTRY_BUILD_FUZZ)
    # Coverage in every object; the fuzzer's main function only in the targets of app_fuzz().
    list(APPEND sanitizer_flags -fsanitize=fuzzer-no-link)
  endif()
elseif(TENANTRY_SANITIZE STREQUAL "thread")
  set(sanitizer_flags -fsanitize=thread -fno-omit-frame-pointer)
else()
  message(FATAL_ERROR "TENANTRY_SANITIZE: unknown sanitizer '${TENANTRY_SANITIZE}'")
endif()
add_compile_options(${sanitizer_flags})
add_link_options(${sanitizer_flags})

find_program(TENANTRY_CCACHE ccache)
if(TENANTRY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TENANTRY_CCACHE}")
  if(TENANTRY_PCH)
    # What ccache wants in order to cache what a precompiled header was used for.
    list(PREPEND CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      add_compile_options(-fpch-preprocess)
    endif()
  endif()
endif()
find_program(TENANTRY_MOLD mold)
if(TENANTRY_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
