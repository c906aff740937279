#pragma once
/// Files that hold a secret and that only their owner can use.

#include "base/error.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace tenantry::server {

/// What such a file holds, wiped when no longer needed.
class PrivateText {
public:
    static constexpr std::size_t bytes_max = 4096;

    PrivateText() = default;
    PrivateText(const PrivateText&) = delete;
    PrivateText& operator=(const PrivateText&) = delete;
    ~PrivateText();

    /// Without white space around it.
    std::string_view text() const noexcept;

private:
    friend Result<void> read_private_file(const std::filesystem::path& path, PrivateText& into);
    std::array<char, bytes_max + 1> bytes_{};  // one more, so that a longer file shows
    std::size_t size_ = 0;
};

/// Errors: bad_configuration (unreadable, not private, too long: the text says what to run);
///         not_found if there is no such file.
Result<void> read_private_file(const std::filesystem::path& path, PrivateText& into);

/// Makes it, unless there is one of that name already: who was quicker is right.
/// Errors: storage_full, storage_unusable.
Result<void> make_private_file(const std::filesystem::path& path, std::string_view text);

/// Makes it, or puts it in the place of what is there, whole or not at all.
/// Errors: storage_full, storage_unusable.
Result<void> replace_private_file(const std::filesystem::path& path, std::string_view text);

/// `the secret file <path> <why>`.
Error bad_private_file(const std::filesystem::path& path, std::string_view why);

}  // namespace tenantry::server
