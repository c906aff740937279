#pragma once

#include <cstdint>

namespace tenantry::bench {

/// Throws: std::system_error of errno.
[[noreturn]] void throw_errno(const char* what);

/// Closes what it holds.
class FileDescriptor {
public:
    explicit FileDescriptor(int fd) : fd_{fd} {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    FileDescriptor(FileDescriptor&&) = delete;
    FileDescriptor& operator=(FileDescriptor&&) = delete;
    ~FileDescriptor();
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

/// A connection to 127.0.0.1 that sends without delay. The caller owns the descriptor.
/// Throws: std::system_error.
int connect_to(std::uint16_t port);

}  // namespace tenantry::bench
