#include "sql_printer.hpp"

#include <cstdlib>

namespace tenantry::query {
namespace {

/// Of the engine's own: engine/sqlite/functions.hpp. Arrays are kept as JSON.
std::string_view function_of(Operator op) {
    switch (op) {
    case Operator::contains: return "contains_folded";
    case Operator::like: return "like_text";
    case Operator::ilike: return "like_folded";
    case Operator::match: return "match_text";
    case Operator::imatch: return "match_ascii_folded";
    case Operator::has_all: return "json_holds";
    case Operator::overlaps: return "arrays_overlap";
    default: std::abort();
    }
}

std::string_view function_of(SearchSyntax syntax) {
    switch (syntax) {
    case SearchSyntax::operators: return "search_by_operators";
    case SearchSyntax::plain: return "search_all_words";
    case SearchSyntax::phrase: return "search_phrase";
    case SearchSyntax::web: return "search_web";
    }
    std::abort();
}

class SqliteDialect final : public Dialect {
    void append_source(std::string& out, const Relation& relation) const override {
        out += '"';
        out += relation.name();
        out += '"';
    }
    void append_target(std::string& out, const Relation& relation) const override {
        out += "main.\"t_";
        out += relation.name();
        out += '"';
    }
    void append_later(std::string& out, std::string_view time, const Relation&,
                      const Column& column) const override {
        fmt::format_to(std::back_inserter(out), "max({}, {} + 1)", time, quoted(column));
    }
    void append_placeholder(std::string& out, std::size_t index) const override {
        fmt::format_to(std::back_inserter(out), "?{}", index);
    }
    void append_place(std::string& out, std::string_view column, const JsonPath& path,
                      std::size_t index) const override {
        fmt::format_to(std::back_inserter(out), "{}({}, ?{})",
                       path.as_text ? "json_text_at" : "json_at", column, index);
    }
    void append_comparison(std::string& out, const Predicate& predicate, std::string_view subject,
                           std::string_view placeholder) const override {
        const auto to = std::back_inserter(out);
        const bool is_json = predicate.path ? !predicate.path->as_text
                                            : predicate.column->type() == schema::ColumnType::json;
        const auto word = comparison_word(predicate.op);
        if (!word.empty() && is_json) {
            fmt::format_to(to, "json_compare({}, {}) {} 0", subject, placeholder, word);
        } else if (!word.empty()) {
            fmt::format_to(to, "{} {} {}", subject, word, placeholder);
        } else if (predicate.op == Operator::distinct && is_json) {
            fmt::format_to(to, "json_compare({}, {}) IS NOT 0", subject, placeholder);
        } else if (predicate.op == Operator::distinct) {
            fmt::format_to(to, "{} IS NOT {}", subject, placeholder);
        } else if (predicate.op == Operator::within) {
            fmt::format_to(to, "json_holds({}, {})", placeholder, subject);
        } else if (predicate.op == Operator::search) {
            fmt::format_to(to, "{}{}({}, {})", is_json ? "json_" : "",
                           function_of(predicate.search.value().syntax), subject, placeholder);
        } else {
            fmt::format_to(to, "{}({}, {})", function_of(predicate.op), subject, placeholder);
        }
    }
    void append_rows(std::string& out, const std::vector<const Column*>& columns,
                     std::size_t rows) const override {
        append_values(out, *this, columns.size(), rows);
    }
    // Left to itself, SQLite sorts null before everything, in either direction's own sense.
    void append_nulls(std::string& out, const OrderTerm& term) const override {
        if (term.nulls_first == term.descending)
            out += term.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
    void append_json_order(std::string& out) const override { out += " COLLATE \"json_order\""; }
    void append_sum(std::string& out, std::string_view column) const override {
        fmt::format_to(std::back_inserter(out), "coalesce(sum({}), 0)", column);
    }
    // The engine itself looks at how many rows have changed.
    void insist_on_match(Statement&) const override {}
    bool embeds_run_for_each_row() const override { return true; }
};

}  // namespace

const Dialect& sqlite_dialect() {
    static const SqliteDialect dialect;
    return dialect;
}

}  // namespace tenantry::query
