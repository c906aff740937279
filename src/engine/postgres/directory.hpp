#pragma once
/// What the scope issuer asks, as statements, and what it is told.

#include "auth/directory.hpp"
#include "engine/commits.hpp"
#include "pg/answer.hpp"
#include "pg/pipeline.hpp"
#include "postgres/memory.hpp"

#include <optional>
#include <span>

namespace tenantry::engine::postgres {

struct StandingAnswer {
    auth::Standing standing{};
    std::optional<TenantFacts> facts{};  // nullopt: there is no such tenant
};
pg::Call standing_call(const TenantId& tenant, std::string_view subject);
StandingAnswer standing_in(const pg::Rows& rows);

struct KeyAnswer {
    std::optional<auth::KeyStanding> key{};
    std::optional<TenantFacts> facts{};  // of its tenant
};
pg::Call key_call(std::string_view hash);
KeyAnswer key_in(const pg::Rows& rows);

pg::Call settings_call(const TenantId& tenant);

/// `asked` is what the answer repeats.
pg::Call marks_call(std::string_view asked, std::span<const TenantId> tenants);
Marks marks_in(const pg::Rows& rows);

/// Each answer repeats what was asked for, since poolers have been seen to shift answers.
bool is_echoed(std::string_view asked, const pg::Rows& rows) noexcept;

}  // namespace tenantry::engine::postgres
