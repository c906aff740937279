#include "rest/row_keys.hpp"

#include "base/limits.hpp"
#include "base/percent_encoding.hpp"
#include "base/text.hpp"

#include <map>
#include <optional>

namespace tenantry::http::rest {
namespace {

using query::Filter;
using query::Relation;
using query::RowSet;

using Key = std::vector<std::string>;

Key key_of(const Relation& relation, const RowSet& rows, std::size_t row) {
    Key out;
    for (const auto& part : relation.key())
        out.push_back(schema::to_text(rows.value(row, part.name())));
    return out;
}

}  // namespace

std::size_t rows_told_max(const Relation& relation) noexcept {
    const auto parts = relation.key().size();
    // With room for what else the filter says.
    return parts == 1 ? limits::page_rows_max : limits::filter_terms_max / 2 / (parts + 1);
}

Filter these_rows(const Relation& relation, const RowSet& rows) {
    const auto key = relation.key();
    if (key.size() == 1) {
        query::Predicate these{key.data(), query::Operator::in};
        for (std::size_t i = 0; i < rows.row_count(); ++i)
            these.operands.push_back(rows.value(i, key[0].name()));
        return Filter{std::move(these)};
    }
    query::Group any{query::Group::Kind::any, {}};
    for (std::size_t i = 0; i < rows.row_count(); ++i) {
        query::Group one{query::Group::Kind::all, {}};
        for (const auto& part : key)
            one.terms.push_back(query::equals(part, rows.value(i, part.name())));
        any.terms.push_back(Filter{std::move(one)});
    }
    return Filter{std::move(any)};
}

std::vector<std::size_t> places_of(const Relation& relation, const RowSet& wanted,
                                   const RowSet& rows) {
    std::map<Key, std::size_t> places;
    for (std::size_t i = 0; i < rows.row_count(); ++i) places.emplace(key_of(relation, rows, i), i);
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < wanted.row_count(); ++i) {
        const auto found = places.find(key_of(relation, wanted, i));
        if (found != places.end()) out.push_back(found->second);
    }
    return out;
}

std::string location_of(const Relation& relation, const RowSet& rows, std::size_t row) {
    std::string out = "/" + relation.name();
    char separator = '?';
    for (const auto& part : relation.key()) {
        out += separator;
        out += part.name();
        out += "=eq.";
        out += percent_encoded(schema::to_text(rows.value(row, part.name())));
        separator = '&';
    }
    return out;
}

}  // namespace tenantry::http::rest
