#pragma once
/// What libpq is told when a connection begins.

#include "libpq.hpp"
#include "pg/link.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tenantry::pg {

/// Keywords and values for PQconnectStartParams and PQconnectdbParams.
class StartupParameters {
public:
    explicit StartupParameters(const Startup& startup);
    StartupParameters(const StartupParameters&) = delete;
    StartupParameters& operator=(const StartupParameters&) = delete;

    const char* const* keywords() const noexcept { return keywords_.data(); }
    const char* const* values() const noexcept { return values_.data(); }

private:
    void add(const char* keyword, std::string value);

    std::vector<std::pair<const char*, std::string>> parameters_;
    std::vector<const char*> keywords_;
    std::vector<const char*> values_;
};

/// Begins a connection, whose errors then tell their SQLSTATE. Throws: std::bad_alloc.
ConnectionHandle start_connecting(const Startup& startup);

/// Of an attempt that took too long.
inline constexpr auto no_answer = "no connection within the time for it";

}  // namespace tenantry::pg
