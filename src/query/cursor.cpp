#include "query/cursor.hpp"

#include "base/text.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace tenantry::query {
namespace {

namespace json = boost::json;

/// The order as it is after planning: ending with the key.
std::vector<OrderTerm> full_order(const Read& read) {
    auto order = read.order;
    for (const auto& key : read.relation->key()) {
        const bool there =
            std::ranges::any_of(order, [&](const auto& term) { return term.own_column() == &key; });
        if (!there) order.push_back({&key, !order.empty() && order.back().descending});
    }
    return order;
}

/// FNV-1a: a mistake is to be noticed, not an attack, since a cursor grants nothing.
std::string fingerprint(const TenantId& tenant, const Read& read,
                        const std::vector<OrderTerm>& order) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto mix = [&](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        hash = (hash ^ 0xFF) * 0x100000001b3;
    };
    mix(tenant.text());
    mix(read.relation->name());
    for (const auto& term : order) {
        mix(term.column->name());
        mix(term.descending ? "desc" : "asc");
        if (term.column->nullable()) mix(term.nulls_first ? "first" : "last");
    }
    return fmt::format("{:016x}", hash);
}

}  // namespace

std::string make_cursor(const TenantId& tenant, const Read& read, const RowSet& rows) {
    const auto order = full_order(read);
    std::string out = "[";
    append_json_string(out, fingerprint(tenant, read, order));
    for (const auto& term : order) {
        const auto value = rows.value(rows.row_count() - 1, term.column->name());
        out += ',';
        if (schema::is_null(value)) {
            out += "null";
        } else {
            append_json_string(out, schema::to_text(value));
        }
    }
    out += ']';
    return encode_base64url(out);
}

Result<std::vector<Value>> parse_cursor(const TenantId& tenant, const Read& read,
                                        std::string_view text) {
    const auto refused = [] {
        return fail(Errc::bad_cursor,
                    "after is not a cursor of this list; take it from `next` of the page before, "
                    "with the same sort",
                    "after");
    };
    std::string decoded;
    if (!decode_base64url(text, decoded)) return refused();
    const auto value = schema::read_json(decoded);
    const auto* parts = value ? value->if_array() : nullptr;
    const auto order = full_order(read);
    if (parts == nullptr || parts->size() != order.size() + 1) return refused();
    const auto* given = parts->front().if_string();
    if (given == nullptr || *given != fingerprint(tenant, read, order)) return refused();
    std::vector<Value> values;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto& part = (*parts)[i + 1];
        if (part.is_null()) {
            values.emplace_back(schema::Null{});
            continue;
        }
        const auto* part_text = part.if_string();
        if (part_text == nullptr) return refused();
        auto parsed = schema::parse_text(*order[i].column, *part_text);
        if (!parsed) return refused();
        values.push_back(std::move(*parsed));
    }
    return values;
}

}  // namespace tenantry::query
