#include "engine/executor.hpp"
#include "postgres/compile.hpp"
#include "violations.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::engine::postgres {
namespace {

/// `leads_email_key` is of leads' key (email).
Error broken_key(const pg::Failure& failure, const schema::Relation& relation) {
    if (failure.constraint.starts_with(relation.name() + "_pkey"))
        return unique_violation(relation, relation.key().back().name());
    for (const auto& key : relation.unique_keys()) {
        std::string name = relation.name();
        for (const auto* column : key.columns) name += '_' + column->name();
        if (failure.constraint.starts_with(name + "_key"))
            return unique_violation(relation, key.columns.back()->name());
    }
    return unique_violation(relation, {});
}

/// One of the relation's own keys, or one by which a table of others refers to it.
Error broken_reference(const pg::Failure& failure, const schema::Relation& relation) {
    const auto keys = relation.foreign_keys();
    const auto found = std::ranges::find(keys, failure.constraint, &schema::ForeignKey::name);
    if (found != keys.end()) return foreign_key_violation(relation);
    return fail(Errc::foreign_key_violation,
                "a row that this one refers to isn't there, or others refer to this one");
}

/// What an external relation's own types, columns, checks and triggers refuse. Their words are
/// about what was sent and what the tenant can see. nullopt: it's something else.
std::optional<Error> refused_by_owner(const pg::Failure& failure) {
    const std::string_view code = failure.sqlstate;
    if (code == "42501") {
        return fail(Errc::read_only_field,
                    "the server's role may not do this; grant it to the role, or leave it");
    }
    if (code == "42883" || code == "42804" || code == "42846" || code == "42725")
        return fail(Errc::bad_query, "the operator has no meaning for a column of this type");
    if (code == "428C9") return fail(Errc::read_only_field, failure.message, failure.column);
    if (code == "22003") return fail(Errc::out_of_range, failure.message, failure.column);
    if (code.starts_with("22") || code == "P0001")
        return fail(Errc::bad_value, failure.message, failure.column);
    return std::nullopt;
}

Error busy(std::string_view why) { return fail(Errc::storage_busy, std::string{why}); }

/// What is none of the request's doing but of the moment it came in. nullopt: it's something else.
std::optional<Error> caused_by_moment(const pg::Failure& failure) {
    const std::string_view code = failure.sqlstate;
    if (code == standing_changed_sqlstate)
        return fail(Errc::standing_changed,
                    "your access to this tenant has just changed; try again");
    if (code == "57014") return too_late();
    if (code == "53100") return disk_full();
    if (code == "40001" || code == "40P01" || code == "55P03")
        return busy("other requests are at work on the same rows; try again shortly");
    if (code == "26000" || failure.routine == "RevalidateCachedQuery")
        return busy("the database's schema is being changed; try again shortly");
    if (code.starts_with("53") || code.starts_with("57P"))
        return busy("the database has no room for this request just now; try again shortly");
    return std::nullopt;
}

Error takes_no_writes() {
    return fail(Errc::storage_unusable,
                "the database takes no writes now: it is a standby, or set to read only");
}

[[noreturn]] void throw_fault(const pg::Failure& failure) {
    throw Fault{fmt::format("PostgreSQL {}: {}", failure.sqlstate, failure.message)};
}

/// What a function refuses, or fails at, in the words of whoever wrote it.
Error outcome_of_call(const pg::Failure& failure, bool may_write) {
    if (auto cause = caused_by_moment(failure)) return std::move(*cause);
    const std::string_view code = failure.sqlstate;
    if (code == "25006" && may_write) return takes_no_writes();
    const auto kind = code.substr(0, 2);
    if (kind == "57" || kind == "58" || kind == "XX" || kind == "08") throw_fault(failure);
    auto out = fail(Errc::function_refused, failure.message);
    out.raised =
        std::make_shared<const Raised>(Raised{failure.sqlstate, failure.details, failure.hint});
    return out;
}

}  // namespace

// Codes: PostgreSQL manual, appendix A.
Error outcome_of(const pg::Failure& failure, const query::Request& request) {
    const std::string_view code = failure.sqlstate;
    const auto& relation = query::relation_of(request);
    const auto* read = std::get_if<query::Read>(&request);
    if (read != nullptr && read->call) return outcome_of_call(failure, read->call->may_write);
    if (code == "23505") return broken_key(failure, relation);
    if (code == "23503") return broken_reference(failure, relation);
    if (code == "23514" || code == "23P01") return check_violation(relation);
    if (code == "23502") return required(failure.column);
    if (code == query::no_match_sqlstate) return no_match();
    if (relation.is_external()) {
        if (auto refused = refused_by_owner(failure)) return std::move(*refused);
    }
    if (code.starts_with("54")) return row_too_large();
    if (auto cause = caused_by_moment(failure)) return std::move(*cause);
    if (code == "25006" || failure.routine == "check_transaction_read_only")
        return takes_no_writes();
    throw_fault(failure);
}

}  // namespace tenantry::engine::postgres
