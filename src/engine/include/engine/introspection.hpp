#pragma once
/// What others have made in the same database: tables that a team added to its own.
///
/// On PostgreSQL, a table of the schema `public` becomes an external relation if it keeps tenants
/// apart as the built-in ones do: `tenant_id` of a text type in it and in its primary key, every
/// unique index and every foreign key, forced row-level security with the server's policy, and no
/// more rights for the server's role than that watches. A function of that schema can be called if
/// it is named, runs as the server's role and can't obviously leave its tenant. SQLite has neither:
/// its guard knows the built-in relations alone.

#include "engine/database.hpp"
#include "engine/finding.hpp"
#include "schema/catalog.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tenantry::engine {

/// A table or function that isn't served, with what it lacks.
struct Unfit {
    std::string name;
    std::vector<Finding> lacks;

    friend bool operator==(const Unfit&, const Unfit&) = default;
};

struct Introspection {
    /// The built-in relations, the external ones, and functions.
    std::shared_ptr<const schema::Catalog> catalog;
    std::vector<Unfit> unfit;  // by name: those with a tenant_id, or that the role has rights on
    std::vector<Unfit> unfit_functions{};  // of those that were named, in their order
};

/// Looks as the role in `location`, which is the one that serves. `functions`: the names of those
/// that may be called. Errors: storage_unusable. Blocking.
Result<Introspection> introspect(const Location& location, const schema::Catalog& built_in,
                                 const std::vector<std::string>& functions = {});

/// The same of one table, whoever has rights on it. nullopt: there is none of that name.
/// Errors: storage_unusable. Blocking.
Result<std::optional<std::vector<Finding>>> check_table(const Location& location,
                                                        const schema::Catalog& built_in,
                                                        std::string_view name);

}  // namespace tenantry::engine
