#include "schema/migrations.hpp"

#include "migrations/steps.hpp"

#include <array>

namespace tenantry::schema {

std::span<const Migration> sqlite_migrations() {
    static const std::array migrations{
        Migration{1, "tenants, users, memberships, agents, leads, events", migration_1},
        Migration{2, "contacts, profiles, identities, approvals, tallies, keys, audit",
                  migration_2},
        Migration{3, "the record of changes", migration_3()},
        Migration{4, "webhooks, consumers of the feed, dead letters", migration_4},
        Migration{5, "accounts, sessions, invitations, rules of signing up", migration_5},
        Migration{6, "PostgreSQL: triggers that cost less for one row", ""},
        Migration{7, "PostgreSQL: leads are recorded and counted by one trigger", ""},
    };
    return migrations;
}

}  // namespace tenantry::schema
