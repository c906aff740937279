#pragma once
/// A file descriptor that is closed with its scope.

#include <unistd.h>

namespace tenantry::server {

struct Descriptor {
    int fd;  // negative: none

    explicit Descriptor(int opened) noexcept : fd{opened} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

}  // namespace tenantry::server
