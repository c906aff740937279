#include "mail/smtp.hpp"
#include "wipe.hpp"

#include <string.h>

#include <utility>

namespace tenantry::mail {

void wipe(std::string& bytes) noexcept {
    ::explicit_bzero(bytes.data(), bytes.capacity());
    bytes.clear();
}

// A short one stands within the string itself, where a move leaves it behind.
Password::Password(Password&& other) noexcept : bytes_{std::move(other.bytes_)} {
    wipe(other.bytes_);
}

Password& Password::operator=(Password&& other) noexcept {
    if (this != &other) {
        wipe(bytes_);
        bytes_ = std::move(other.bytes_);
        wipe(other.bytes_);
    }
    return *this;
}

Password::~Password() { wipe(bytes_); }

}  // namespace tenantry::mail
