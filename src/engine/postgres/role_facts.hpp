#pragma once
/// What a new connection is asked about its role, before it is used.
///
/// An audit at the start is not enough: a role can be altered while the server runs, and a pooler
/// may log in as another one.

#include "pg/client.hpp"
#include "pg/lane_book.hpp"

#include <optional>
#include <string>

namespace tenantry::engine::postgres {

extern const std::string role_facts_sql;

/// Why a role of these facts must not be used; nullopt if it may.
std::optional<pg::Failure> role_objection(const pg::Rows& facts);

/// The same, for lanes.
pg::Segment role_greeting();
std::optional<pg::Failure> greeting_objection(const pg::Outcome& outcome);

}  // namespace tenantry::engine::postgres
