#pragma once
/// What libpq is told when a connection begins.

#include "libpq.hpp"
#include "pg/link.hpp"

namespace tenantry::pg {

/// Keywords and values for PQconnectStartParams and PQconnectdbParams.
class StartupParameters {
public:
    explicit StartupParameters(const Startup& startup);

    const char* const* keywords() const noexcept { return keywords_.data(); }
    const char* const* values() const noexcept { return values_.data(); }

private:
    std::string url_;
    std::string application_name_;
    std::vector<const char*> keywords_;
    std::vector<const char*> values_;
};

/// Why the connection failed, on one line.
std::string connection_error(PGconn* connection);

}  // namespace tenantry::pg
