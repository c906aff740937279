#pragma once
/// Certificates for tests, made anew each time by the openssl command.

#include "child_process.hpp"

#include <filesystem>
#include <string>

namespace tenantry::engine::testing {

/// An authority, a server's key and certificate of its making, and an authority that has nothing to
/// do with either; files in one folder that belong to `user`.
class Certificates {
public:
    /// For a name such as `*.neon.test`. Throws: std::runtime_error.
    Certificates(const std::filesystem::path& folder, const User& user, const std::string& name);

    const std::filesystem::path& authority() const noexcept { return authority_; }
    const std::filesystem::path& other_authority() const noexcept { return other_authority_; }
    const std::filesystem::path& key() const noexcept { return key_; }
    const std::filesystem::path& certificate() const noexcept { return certificate_; }

private:
    std::filesystem::path authority_;
    std::filesystem::path other_authority_;
    std::filesystem::path key_;
    std::filesystem::path certificate_;
};

}  // namespace tenantry::engine::testing
