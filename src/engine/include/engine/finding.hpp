#pragma once
/// What keeps a database, or a table of it, from keeping tenants apart.

#include <string>

namespace tenantry::engine {

/// One gap.
struct Finding {
    std::string problem;     // a sentence
    std::string remedy;      // SQL that mends it, to be run as the owner; or what else to do
    std::string table = {};  // the one that it is about, with its schema; empty: the database

    friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace tenantry::engine
