#pragma once
/// What others have made in the same database: tables that a team added to its own.
///
/// On PostgreSQL, a table of the schema `public` becomes an external relation if it keeps tenants
/// apart as the built-in ones do: `tenant_id` of a text type in it and in its primary key, every
/// unique index and every foreign key, forced row-level security with the server's policy, and no
/// more rights for the server's role than that watches. SQLite has none: its guard knows the
/// built-in relations alone.

#include "engine/database.hpp"
#include "engine/finding.hpp"
#include "schema/catalog.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tenantry::engine {

/// A table that isn't served, with what it lacks.
struct UnfitTable {
    std::string name;
    std::vector<Finding> lacks;

    friend bool operator==(const UnfitTable&, const UnfitTable&) = default;
};

struct Introspection {
    std::shared_ptr<const schema::Catalog> catalog;  // the built-in relations and the external ones
    std::vector<UnfitTable>
        unfit;  // by name: those with a tenant_id, or that the role has rights on
};

/// Looks as the role in `location`, which is the one that serves.
/// Errors: storage_unusable. Blocking.
Result<Introspection> introspect(const Location& location, const schema::Catalog& built_in);

/// The same of one table, whoever has rights on it. nullopt: there is none of that name.
/// Errors: storage_unusable. Blocking.
Result<std::optional<std::vector<Finding>>> check_table(const Location& location,
                                                        const schema::Catalog& built_in,
                                                        std::string_view name);

}  // namespace tenantry::engine
