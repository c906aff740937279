// Two passes over the parameters: `select` first, because it says which relations the paths of all
// others can lead to; then each of the others, in their order, at its relation. The filters of one
// relation become one conjunction, unless there is but one.

#include "query/request_text.hpp"

#include "base/limits.hpp"
#include "base/text.hpp"
#include "filter_text.hpp"
#include "query_string.hpp"
#include "select_text.hpp"
#include "text_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <list>
#include <span>

namespace tenantry::query {
namespace {

/// `embed=is.null`, or not.
struct Presence {
    std::size_t embed;
    bool negated;
};

/// What a parameter is about.
struct Key {
    std::vector<Name> names{};
    std::optional<JsonPath> path{};
};

/// One relation of the read while its parameters come in.
struct Level {
    Read* read;
    Read* page;  // which has the order and the limits: the same, or the junction that leads to it
    FilterParser filters;
    std::vector<Filter> terms{};
    std::vector<Presence> presences{};
    bool has_order = false;
    bool has_limit = false;
    bool has_offset = false;
};

/// `city[0]`, `city[1][0]`: so clients number several conditions on one column that they write as a
/// list. Only a column is numbered.
Result<void> skip_numbers(TextScanner& in, Name& name) {
    while (in.skip("[")) {
        name.quoted = true;
        const auto rest = in.rest();
        const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        in.skip(rest.substr(0, digits));
        if (digits == 0 || !in.skip("]"))
            return fail(Errc::bad_query,
                        fmt::format("{} is numbered by no number", excerpt(name.text)));
    }
    return {};
}

Result<Key> parse_key(std::string_view key) {
    TextScanner in{key};
    Key out;
    do {
        TENANTRY_TRY(name, in.name());
        out.names.push_back(std::move(name));
    } while (in.skip("."));
    TENANTRY_TRY_VOID(skip_numbers(in, out.names.back()));
    TENANTRY_TRY(path, in.path());
    out.path = std::move(path);
    if (!in.done()) return fail(Errc::bad_query, fmt::format("'{}' is no parameter", excerpt(key)));
    return out;
}

template <class Number>
Result<Number> parse_count(std::string_view text, std::string_view what, Number max) {
    const bool negative = text.starts_with('-');
    const auto digits = text.substr(negative ? 1 : 0);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return fail(Errc::bad_query, fmt::format("{} is not a whole number", what));
    }
    Number value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (negative || error != std::errc{} || value > max) {
        return fail(Errc::out_of_range, fmt::format("{} is from 0 to {}", what, max));
    }
    return value;
}

Error not_embedded(std::string_view name) {
    const auto shown = excerpt(name);
    return fail(Errc::not_embedded,
                fmt::format("{} is not embedded; add {}(…) to select", shown, shown));
}

Result<std::size_t> find_to_one(const Read& read, std::string_view name) {
    const auto found = std::ranges::find(read.embeds, name, &Embed::name);
    if (found == read.embeds.end()) return not_embedded(name);
    if (found->direction == Direction::to_one)
        return static_cast<std::size_t>(found - read.embeds.begin());
    return fail(Errc::not_to_one, fmt::format("{} of {} are many, by which it can't be ordered",
                                              excerpt(name), read.relation->name()));
}

/// `place` or `embed(place)`.
Result<OrderTerm> parse_ordered(const Read& read, TextScanner& in) {
    OrderTerm out{nullptr};
    const auto* relation = read.relation;
    TENANTRY_TRY(name, in.name());
    if (in.skip("(")) {
        TENANTRY_TRY(embed, find_to_one(read, name.text));
        out.embed = embed;
        relation = read.embeds[embed].read.relation;
        TENANTRY_TRY(within, in.name());
        name = std::move(within);
    }
    out.column = relation->find(name.text);
    if (out.column == nullptr) {
        return fail(Errc::unknown_field,
                    fmt::format("{} has no column {}", relation->name(), excerpt(name.text)));
    }
    TENANTRY_TRY(path, in.path());
    out.path = std::move(path);
    if (out.embed && !in.skip(")")) {
        return fail(Errc::bad_query,
                    fmt::format("the ( before {} is not closed", excerpt(name.text)));
    }
    return out;
}

Result<OrderTerm> parse_order_term(const Read& read, TextScanner& in) {
    TENANTRY_TRY(out, parse_ordered(read, in));
    bool placed = false;
    if (in.skip(".desc")) {
        out.descending = true;
    } else {
        in.skip(".asc");
    }
    if (in.skip(".nullsfirst")) {
        out.nulls_first = placed = true;
    } else if (in.skip(".nullslast")) {
        placed = true;
    }
    if (!placed) out.nulls_first = out.descending;
    return std::move(out);
}

Result<std::vector<OrderTerm>> parse_order(const Read& read, std::string_view text) {
    TextScanner in{text};
    std::vector<OrderTerm> out;
    do {
        if (out.size() == limits::order_columns_max) {
            return fail(Errc::bad_query,
                        fmt::format("more than {} columns to order by", limits::order_columns_max));
        }
        in.skip_spaces();
        TENANTRY_TRY(term, parse_order_term(read, in));
        out.push_back(std::move(term));
        in.skip_spaces();
    } while (in.skip(","));
    if (in.done()) return out;
    return fail(
        Errc::bad_query,
        fmt::format(
            "order is column[.asc|.desc][.nullsfirst|.nullslast], separated by commas, not '{}'",
            excerpt(text)));
}

class RequestParser {
public:
    RequestParser(const schema::Catalog& catalog, const Relation& relation)
        : catalog_{catalog}, out_{Read{&relation}, {}} {}

    Result<ShapedRead> run(std::string_view query_string,
                           std::span<const std::string_view> others) {
        TENANTRY_TRY(parameters, decode_query(query_string));
        TENANTRY_TRY_VOID(select(parameters));
        for (const auto& parameter : parameters) {
            const bool is_other = std::ranges::find(others, parameter.key) != others.end();
            if (parameter.key == "select" || is_other) continue;
            auto taken = take(parameter);
            if (taken) continue;
            auto error = taken.error();
            if (error.field.empty()) error.field = excerpt(parameter.key);
            return error;
        }
        finish(out_.read);
        return std::move(out_);
    }

private:
    Result<void> select(const std::vector<QueryParameter>& parameters) {
        const auto is_select = [](const QueryParameter& p) { return p.key == "select"; };
        const auto found = std::ranges::find_if(parameters, is_select);
        if (found == parameters.end()) {
            out_.read.projection = all_columns(*out_.read.relation);
            out_.shape = plain_shape(out_.read);
            return {};
        }
        if (std::ranges::count_if(parameters, is_select) > 1) {
            return fail(Errc::bad_query, "select is given twice", "select");
        }
        return parse_select(catalog_, found->value, out_);
    }

    Result<void> take(const QueryParameter& parameter) {
        TENANTRY_TRY(key, parse_key(parameter.key));
        auto& names = key.names;
        const auto last = names.back();
        names.pop_back();
        if (key.path) {
            TENANTRY_TRY(level, find_level(names));
            return condition(*level, last, std::move(key.path), parameter);
        }
        if (last.is_word("select") || last.is_word("columns") || last.is_word("on_conflict")) {
            return fail(Errc::bad_query,
                        fmt::format("{} has no meaning here", excerpt(parameter.key)));
        }
        const bool is_group = last.is_word("and") || last.is_word("or");
        const bool negated = is_group && !names.empty() && names.back().is_word("not");
        if (negated) names.pop_back();
        TENANTRY_TRY(level, find_level(names));
        if (last.is_word("order")) return order(*level, parameter);
        if (last.is_word("limit")) return limit(*level, parameter);
        if (last.is_word("offset")) return offset(*level, parameter);
        if (is_group) {
            const auto kind = last.text == "and" ? Group::Kind::all : Group::Kind::any;
            TENANTRY_TRY(filter, level->filters.group(kind, negated, parameter.value));
            level->terms.push_back(std::move(filter));
            return {};
        }
        return condition(*level, last, {}, parameter);
    }

    static Result<void> condition(Level& level, const Name& column, std::optional<JsonPath> path,
                                  const QueryParameter& parameter) {
        const auto& read = *level.read;
        const auto embed = std::ranges::find(read.embeds, column.text, &Embed::name);
        if (read.relation->find(column.text) == nullptr && embed != read.embeds.end()) {
            const auto index = static_cast<std::size_t>(embed - read.embeds.begin());
            return presence(level, index, column, parameter);
        }
        TENANTRY_TRY(filter,
                     level.filters.condition(column.text, std::move(path), parameter.value));
        level.terms.push_back(std::move(filter));
        return {};
    }

    static Result<void> presence(Level& level, std::size_t embed, const Name& name,
                                 const QueryParameter& parameter) {
        const auto is = [&](std::string_view text) {
            return equals_ignoring_case(parameter.value, text);
        };
        const bool is_absent = is("is.null") || is("not.is.not_null");
        if (!is_absent && !is("not.is.null") && !is("is.not_null")) {
            return fail(Errc::bad_query,
                        fmt::format("{} is embedded: rows can be filtered by whether it is.null or "
                                    "not.is.null, and its own by {}.COLUMN",
                                    excerpt(name.text), excerpt(name.text)));
        }
        level.presences.push_back({embed, is_absent});
        return {};
    }

    static Error given_twice(const QueryParameter& parameter) {
        return fail(Errc::bad_query, fmt::format("{} is given twice", excerpt(parameter.key)));
    }

    static Result<void> order(Level& level, const QueryParameter& parameter) {
        if (std::exchange(level.has_order, true)) return given_twice(parameter);
        TENANTRY_TRY(terms, parse_order(*level.read, parameter.value));
        if (level.page != level.read) {
            for (auto& term : terms) {
                if (term.embed) {
                    return fail(Errc::bad_query,
                                "what a junction leads to is ordered by its own columns");
                }
                term.embed = 0;
            }
        }
        level.page->order = std::move(terms);
        return {};
    }
    static Result<void> limit(Level& level, const QueryParameter& parameter) {
        if (std::exchange(level.has_limit, true)) return given_twice(parameter);
        TENANTRY_TRY(
            rows, parse_count(parameter.value, "limit", std::numeric_limits<std::uint32_t>::max()));
        level.page->limit = std::min(rows, limits::page_rows_max);
        return {};
    }
    static Result<void> offset(Level& level, const QueryParameter& parameter) {
        if (std::exchange(level.has_offset, true)) return given_twice(parameter);
        TENANTRY_TRY(rows, parse_count(parameter.value, "offset", limits::offset_max));
        level.page->offset = rows;
        return {};
    }

    Result<Level*> find_level(std::span<const Name> path) {
        Read* read = &out_.read;
        Read* page = read;
        std::string prefix;
        for (const auto& name : path) {
            const auto found = std::ranges::find(read->embeds, name.text, &Embed::name);
            if (found == read->embeds.end()) return not_embedded(name.text);
            read = page = &found->read;
            if (found->through) {
                if (read->only_count) {
                    return fail(Errc::bad_query, fmt::format("what {} counts has no conditions",
                                                             excerpt(name.text)));
                }
                read = &read->embeds.front().read;
            }
            prefix += name.text + '.';
        }
        const auto known = std::ranges::find(levels_, read, &Level::read);
        if (known != levels_.end()) return &*known;
        levels_.push_back({read, page, FilterParser{*read->relation, std::move(prefix)}});
        return &levels_.back();
    }

    /// Embeds first: whether they are there depends on their own filters.
    void finish(Read& read) {
        for (auto& embed : read.embeds) finish(embed.read);
        const auto known = std::ranges::find(levels_, &read, &Level::read);
        if (known == levels_.end()) return;
        for (const auto& [embed, negated] : known->presences)
            known->terms.push_back(Filter{presence_of(read.embeds[embed], negated)});
        gather(*known);
    }

    static void gather(Level& level) {
        if (level.terms.size() == 1) {
            level.read->filter = std::move(level.terms.front());
        } else if (level.terms.size() > 1) {
            level.read->filter = Filter{Group{Group::Kind::all, std::move(level.terms)}};
        }
    }

    const schema::Catalog& catalog_;
    ShapedRead out_;
    std::list<Level> levels_;
};

/// Appends parameters, each after the path of its relation.
class RequestPrinter {
public:
    void select(const Read& read) {
        const auto all = all_columns(*read.relation);
        if (read.embeds.empty() && read.projection == all) return;
        std::string value;
        append_select(value, read);
        parameter("select", value);
    }

    /// `through`: the page is a junction's, and the rest is about what that leads to.
    void level(const Read& page, bool through = false) {
        const auto& read = through ? page.embeds.front().read : page;
        if (read.filter) filter(read, *read.filter);
        if (!page.order.empty()) order(page, through);
        if (page.limit) parameter(path_ + "limit", fmt::to_string(*page.limit));
        if (page.offset > 0) parameter(path_ + "offset", fmt::to_string(page.offset));
        for (const auto& embed : read.embeds) {
            const auto outer = path_.size();
            append_name(path_, embed.name);
            path_ += '.';
            level(embed.read, embed.through && !embed.read.embeds.empty());
            path_.resize(outer);
        }
    }

    std::string take() { return std::move(out_); }

private:
    /// A conjunction of several terms needs no `and`: that is what several parameters mean.
    void filter(const Read& read, const Filter& filter) {
        const auto* group = std::get_if<Group>(&filter.node);
        if (group == nullptr || group->kind != Group::Kind::all || group->negated ||
            group->terms.size() < 2) {
            return term(read, filter);
        }
        for (const auto& each : group->terms) term(read, each);
    }

    void term(const Read& read, const Filter& filter) {
        auto key = path_;
        std::string value;
        if (const auto* related = std::get_if<Related>(&filter.node)) {
            const auto is_meant = [&](const Embed& embed) {
                return presence_of(embed, related->negated) == *related;
            };
            const auto embed = std::ranges::find_if(read.embeds, is_meant);
            if (embed == read.embeds.end()) std::abort();
            append_name(key, embed->name);
            value = related->negated ? "is.null" : "not.is.null";
        } else if (const auto* group = std::get_if<Group>(&filter.node)) {
            key += word_of(*group);
            append_group(value, *group);
        } else {
            const auto& predicate = std::get<Predicate>(filter.node);
            append_name(key, predicate.column->name());
            if (predicate.path) append_path(key, *predicate.path);
            append_condition(value, predicate);
        }
        parameter(key, value);
    }

    void order(const Read& read, bool through) {
        std::string value;
        for (const auto& term : read.order) {
            if (!value.empty()) value += ',';
            const bool nested = term.embed && !through;
            if (nested) {
                append_name(value, read.embeds[*term.embed].name);
                value += '(';
            }
            append_name(value, term.column->name());
            if (term.path) append_path(value, *term.path);
            if (nested) value += ')';
            if (term.descending) value += ".desc";
            if (term.nulls_first != term.descending)
                value += term.nulls_first ? ".nullsfirst" : ".nullslast";
        }
        parameter(path_ + "order", value);
    }

    void parameter(std::string_view key, std::string_view value) {
        if (!out_.empty()) out_ += '&';
        append_encoded(out_, key);
        out_ += '=';
        append_encoded(out_, value);
    }

    std::string out_;
    std::string path_;
};

}  // namespace

std::string print_request(const Read& read) {
    RequestPrinter printer;
    printer.select(read);
    printer.level(read);
    return printer.take();
}

Result<ShapedRead> parse_request(const schema::Catalog& catalog, const Relation& relation,
                                 std::string_view query_string,
                                 std::span<const std::string_view> others) {
    return RequestParser{catalog, relation}.run(query_string, others);
}

}  // namespace tenantry::query
