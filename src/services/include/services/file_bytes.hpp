#pragma once
/// What the module's files on disk have in common. Threads: any.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace tenantry::services {

/// Makes a file in `folder` that has no name, so that nothing is left of it however its owner ends,
/// and that only this user can read. The descriptor, for the caller to close; -1 with errno set if
/// there can be none.
int open_nameless_file(const std::filesystem::path& folder);

/// As ByteSource::read_at. Throws: std::system_error that says `doing`.
std::size_t read_file_at(int descriptor, std::uint64_t offset, std::span<char> into,
                         const char* doing);

}  // namespace tenantry::services
