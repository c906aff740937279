#include "violations.hpp"

#include <fmt/format.h>

namespace tenantry::engine {

Error unique_violation(const schema::Relation& relation, std::string_view column) {
    if (relation.find(column) == nullptr)
        return fail(Errc::unique_violation, "a row of this key is there already");
    return fail(Errc::unique_violation,
                fmt::format("another of your {} has this {}", relation.name(), column),
                std::string{column});
}

Error foreign_key_violation(const schema::Relation& relation) {
    const auto keys = relation.foreign_keys();
    if (keys.size() == 1) {
        const auto& key = keys.front();
        return fail(Errc::foreign_key_violation,
                    fmt::format("{} names none of your {}", key.column->name(), key.target->name()),
                    key.column->name());
    }
    std::string columns;
    for (const auto& key : keys) columns += (columns.empty() ? "" : " or ") + key.column->name();
    return fail(Errc::foreign_key_violation,
                fmt::format("{} names a row that does not exist", columns));
}

Error check_violation(const schema::Relation& relation) {
    return fail(Errc::check_violation, fmt::format("a value breaks a rule of {}", relation.name()));
}

Error required(std::string_view column) {
    return fail(Errc::missing_field, fmt::format("{} is required", column), std::string{column});
}

Error row_too_large() { return fail(Errc::out_of_range, "the row is too large"); }

Error no_match() { return fail(Errc::no_match, "no row is as the request expects it"); }

Error disk_full() { return fail(Errc::storage_full, "the disk is full; nothing was written"); }

Error too_late() {
    return fail(Errc::deadline_exceeded, "the request took longer than its deadline allows");
}

Error draining() { return fail(Errc::shutting_down, "the server is shutting down"); }

}  // namespace tenantry::engine
