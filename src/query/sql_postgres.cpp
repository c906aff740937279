#include "schema/postgres_schema.hpp"
#include "sql_printer.hpp"

namespace tenantry::query {
namespace {

/// How an array of a column's values is sent, and what its elements are made into.
struct ArrayForm {
    std::string_view type;
    std::string cast;
};

// Arrays can't hold arrays, and the others have no simpler binary form.
ArrayForm array_form_of(const Column& column) {
    using schema::ColumnType;
    switch (column.type()) {
    case ColumnType::text:
    case ColumnType::sealed: return {"text[]", ""};
    case ColumnType::uuid: return {"uuid[]", ""};
    case ColumnType::integer: return {"bigint[]", ""};
    case ColumnType::boolean: return {"boolean[]", ""};
    case ColumnType::timestamptz: return {"timestamptz[]", ""};
    case ColumnType::numeric: return {"text[]", "::numeric"};
    case ColumnType::json: return {"text[]", "::jsonb"};
    case ColumnType::text_array: return {"text[]", "::text[]"};
    case ColumnType::native: return {"text[]", "::" + column.options().native_type};
    }
    std::abort();
}

std::string_view word_of(Operator op) {
    switch (op) {
    case Operator::distinct: return "IS DISTINCT FROM";
    case Operator::like: return "LIKE";
    case Operator::match: return "~";
    case Operator::imatch: return "~*";
    case Operator::has_all: return "@>";
    case Operator::within: return "<@";
    case Operator::overlaps: return "&&";
    case Operator::left_of: return "<<";
    case Operator::right_of: return ">>";
    case Operator::not_right_of: return "&<";
    case Operator::not_left_of: return "&>";
    case Operator::adjacent: return "-|-";
    default: return comparison_word(op);
    }
}

std::string_view query_maker(SearchSyntax syntax) {
    switch (syntax) {
    case SearchSyntax::operators: return "to_tsquery";
    case SearchSyntax::plain: return "plainto_tsquery";
    case SearchSyntax::phrase: return "phraseto_tsquery";
    case SearchSyntax::web: return "websearch_to_tsquery";
    }
    std::abort();
}

class PostgresDialect final : public Dialect {
    void append_source(std::string& out, const Relation& relation) const override {
        out += schema::postgres_name(relation);
    }
    void append_target(std::string& out, const Relation& relation) const override {
        out += schema::postgres_name(relation);
    }
    // In an upsert the bare column could be the new row's as well.
    void append_later(std::string& out, std::string_view time, const Relation& relation,
                      const Column& column) const override {
        fmt::format_to(std::back_inserter(out),
                       "greatest({}, \"{}\".{} + interval '1 microsecond')", time, relation.name(),
                       quoted(column));
    }
    void append_placeholder(std::string& out, std::size_t index) const override {
        fmt::format_to(std::back_inserter(out), "${}", index);
    }
    void append_place(std::string& out, std::string_view column, const JsonPath& path,
                      std::size_t index) const override {
        fmt::format_to(std::back_inserter(out), "({} {} ${})", column, path.as_text ? "#>>" : "#>",
                       index);
    }
    // What is folded for comparison is folded once, as a subquery of its own, and not for each row.
    void append_comparison(std::string& out, const Predicate& predicate, std::string_view subject,
                           std::string_view placeholder) const override {
        const auto to = std::back_inserter(out);
        if (predicate.op == Operator::contains) {
            fmt::format_to(
                to, "\"tenantry\".\"contains_folded\"({}, (SELECT \"tenantry\".\"folded\"({})))",
                subject, placeholder);
        } else if (predicate.op == Operator::ilike) {
            fmt::format_to(to,
                           "\"tenantry\".\"folded\"({}) LIKE (SELECT \"tenantry\".\"folded\"({}))",
                           subject, placeholder);
        } else if (predicate.op == Operator::search) {
            const auto& [syntax, name] = predicate.search.value();
            const auto configuration = name.empty() ? "" : fmt::format("'{}'::regconfig, ", name);
            const bool ready = schema::is_tsvector(*predicate.column);
            const auto words = ready ? std::string{subject}
                                     : fmt::format("to_tsvector({}{})", configuration, subject);
            fmt::format_to(to, "{} @@ {}({}{})", words, query_maker(syntax), configuration,
                           placeholder);
        } else {
            fmt::format_to(to, "{} {} {}", subject, word_of(predicate.op), placeholder);
        }
    }
    void append_rows(std::string& out, const std::vector<const Column*>& columns,
                     std::size_t) const override {
        std::string values;
        std::string arrays;
        std::string names;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto* comma = i == 0 ? "" : ", ";
            const auto form = array_form_of(*columns[i]);
            fmt::format_to(std::back_inserter(values), "{}{}{}", comma, quoted(*columns[i]),
                           form.cast);
            fmt::format_to(std::back_inserter(arrays), "{}${}::{}", comma, i + 1, form.type);
            fmt::format_to(std::back_inserter(names), "{}{}", comma, quoted(*columns[i]));
        }
        fmt::format_to(std::back_inserter(out), "SELECT {} FROM unnest({}) AS \"rows\" ({})",
                       values, arrays, names);
    }
    // Left to itself, PostgreSQL sorts null as the largest value.
    void append_nulls(std::string& out, const OrderTerm& term) const override {
        if (term.nulls_first != term.descending)
            out += term.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
    void append_json_order(std::string&) const override {}
    // The sum of bigint is numeric.
    void append_sum(std::string& out, std::string_view column) const override {
        fmt::format_to(std::back_inserter(out), "coalesce(sum({}), 0)::bigint", column);
    }
    // A pipeline is sent before the number of rows is known: the database has to refuse.
    void insist_on_match(Statement& statement) const override {
        std::string columns;
        for (const Column* column : statement.columns) columns += quoted(*column) + ", ";
        if (statement.columns.empty()) statement.text += " RETURNING 1";
        statement.text = fmt::format(
            "WITH \"changed\" AS ({}) SELECT {}\"tenantry\".\"must_match\"((SELECT count(*) FROM "
            "\"changed\")) FROM (SELECT 1) AS \"one\" LEFT JOIN \"changed\" ON true",
            statement.text, columns);
    }
    bool embeds_run_for_each_row() const override { return false; }
};

}  // namespace

const Dialect& postgres_dialect() {
    static const PostgresDialect dialect;
    return dialect;
}

}  // namespace tenantry::query
