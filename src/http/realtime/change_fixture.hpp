#pragma once
/// Changes of leads without a database.

#include "feed/change.hpp"
#include "query/algebra.hpp"
#include "schema/lead_schema.hpp"

#include <map>
#include <string>

namespace tenantry::http::realtime {

using Members = std::map<std::string, schema::Value>;

inline const schema::Relation& leads() { return schema::lead_catalog().relation("leads"); }

/// A row with those members, all others null; its JSON has the tenant, the texts among them and the
/// id alone.
inline feed::RowImage lead_row(const Members& members) {
    feed::RowImage row;
    std::string texts;
    for (const auto* column : query::all_columns(leads())) {
        const auto found = members.find(column->name());
        row.values.push_back(found == members.end() ? schema::Value{} : found->second);
        const auto* text = std::get_if<schema::Text>(&row.values.back());
        if (text != nullptr) texts += ",\"" + column->name() + "\":\"" + *text + "\"";
    }
    row.json = R"({"tenant_id":"acme")" + texts + R"(,"tags":["a,b","}\"]"]})";
    return row;
}

inline feed::Change lead_change(feed::Op op, const Members& after, const Members& before = {}) {
    feed::Change change{.seq = 7, .relation = &leads(), .op = op};
    change.committed_at = Timestamp{std::chrono::seconds{1'700'000'000}};
    if (op != feed::Op::delete_) change.row = lead_row(after);
    if (op != feed::Op::insert) change.old = lead_row(before);
    return change;
}

}  // namespace tenantry::http::realtime
