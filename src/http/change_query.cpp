#include "change_query.hpp"

#include "abridged.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>

namespace tenantry::http {
namespace {

constexpr std::array all_ops{feed::Op::insert, feed::Op::update, feed::Op::delete_};

/// The words of a list with commas between them, which may be absent.
std::vector<std::string_view> words_of(const std::string* text) {
    std::vector<std::string_view> words;
    if (text == nullptr) return words;
    for (const auto word : std::views::split(std::string_view{*text}, ','))
        words.emplace_back(word.begin(), word.end());
    return words;
}

std::string names_of_relations() {
    std::string out;
    for (const auto& relation : schema::lead_catalog().relations()) {
        if (!relation->internal()) out += (out.empty() ? "" : ", ") + relation->name();
    }
    return out;
}

}  // namespace

Result<ChangeQuery> ChangeQuery::parse(const Target& target) {
    ChangeQuery query;
    if (const auto* since = target.find("since")) {
        TENANTRY_TRY(position, feed::parse_position(*since));
        query.since_ = std::move(position);
    }
    TENANTRY_TRY_VOID(query.parse_relations(target.find("relations")));
    TENANTRY_TRY_VOID(query.parse_ops(target.find("ops")));
    TENANTRY_TRY_VOID(query.parse_filter(target.find("filter")));
    return query;
}

Result<void> ChangeQuery::parse_relations(const std::string* text) {
    for (const auto word : words_of(text)) {
        const auto* relation = schema::lead_catalog().find(word);
        if (relation == nullptr || relation->internal()) {
            return fail(Errc::bad_query,
                        fmt::format("there is no relation \"{}\"; there are {}", abridged(word),
                                    names_of_relations()),
                        "relations");
        }
        relations_.push_back(relation);
    }
    return {};
}

Result<void> ChangeQuery::parse_ops(const std::string* text) {
    for (const auto word : words_of(text)) {
        const auto op = std::ranges::find(all_ops, word, feed::name_of);
        if (op == all_ops.end()) {
            return fail(
                Errc::bad_query,
                fmt::format("\"{}\" is no kind of change; there are {}", abridged(word),
                            fmt::join(all_ops | std::views::transform(feed::name_of), ", ")),
                "ops");
        }
        ops_.push_back(*op);
    }
    return {};
}

Result<void> ChangeQuery::parse_filter(const std::string* text) {
    if (text == nullptr) return {};
    if (relations_.size() != 1) {
        return fail(Errc::bad_query, "a filter is about one relation: name it in `relations`",
                    "filter");
    }
    TENANTRY_TRY(filter, realtime::ChangeFilter::parse(*relations_.front(), *text));
    filter_ = std::move(filter);
    return {};
}

bool ChangeQuery::wants(const feed::Change& change) const {
    const auto passes = [this](const feed::RowImage& row) {
        return row.exists() && filter_->passes(row);
    };
    if (!relations_.empty() && std::ranges::find(relations_, change.relation) == relations_.end())
        return false;
    if (!ops_.empty() && std::ranges::find(ops_, change.op) == ops_.end()) return false;
    return !filter_ || passes(change.row) || passes(change.old);
}

}  // namespace tenantry::http
