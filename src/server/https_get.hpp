#pragma once
/// Small documents from other people's servers.

#include "base/error.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace tenantry::server {

/// The body of a GET that was answered with 200. Only https is followed, and http to this machine;
/// no redirects, since the place is configured. Blocks up to `timeout`.
/// Errors: storage_unusable, with what went wrong. Threads: any.
Result<std::string> https_get(const std::string& url, std::size_t bytes_max,
                              std::chrono::milliseconds timeout);

/// Errors: bad_value unless https_get takes it.
Result<void> check_fetch_url(const std::string& url);

}  // namespace tenantry::server
