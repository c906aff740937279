#pragma once
/// Whether a PostgreSQL database keeps tenants apart by itself: what a server asks before it
/// serves.

#include "base/error.hpp"
#include "pg/link.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace tenantry::engine::postgres {

/// One gap.
struct Finding {
    std::string problem;  // a sentence
    std::string remedy;   // SQL that mends it, to be run as the owner; or what else to do

    friend bool operator==(const Finding&, const Finding&) = default;
};

/// Looks at the database as the role in `url`, which is the one that serves. No finding: it is fit.
/// Errors: storage_unusable.
Result<std::vector<Finding>> audit(const pg::Url& url,
                                   std::chrono::milliseconds patience = pg::default_patience);

/// Refuses a database with findings, in one text that names each and how to mend it.
/// Errors: storage_unusable.
Result<void> require_isolation(const pg::Url& url,
                               std::chrono::milliseconds patience = pg::default_patience);

}  // namespace tenantry::engine::postgres
