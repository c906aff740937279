#pragma once
/// The audit log's rows. Everything here runs within the caller's transaction and throws
/// Failure.

#include "control/session.hpp"
#include "engine/control_store.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace tenantry::engine::control {

/// `tenant` and `target` are null if they are empty.
struct AuditEntry {
    Timestamp at;
    std::string_view actor;
    std::string_view action;
    std::string_view tenant{};
    std::string_view target{};
    std::string_view detail = "{}";
};
void append_entry(Session& db, const AuditEntry& entry);
void append_act(Session& db, std::string_view actor, const Act& act);
/// The entry with which the deletion of that receipt's number ended.
std::optional<AuditRecord> read_receipt(Session& db, std::string_view number);
std::vector<AuditRecord> read_audit(Session& db, const AuditCriteria& criteria);

/// `{"<name>":"<value>"}`, for an act's detail.
std::string detail_of(std::initializer_list<std::pair<std::string_view, std::string_view>> members);

}  // namespace tenantry::engine::control
