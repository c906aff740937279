#pragma once
/// Builds the text of statements; what the printers of all dialects share.

#include "query/sql.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tenantry::query {

/// VALUES with a placeholder for each value of `rows` rows.
void append_values(std::string& out, const Dialect& dialect, std::size_t width, std::size_t rows);

inline std::string quoted(const Column& column) { return fmt::format("\"{}\"", column.name()); }

/// Builds one statement: text and parameters grow together, so a placeholder's number is always
/// that of the value pushed with it.
class Printer {
public:
    Printer(Statement& out, const Dialect& dialect) : out_{out}, dialect_{dialect} {
        out_.text.reserve(512);
    }

    void text(std::string_view text) { out_.text += text; }
    void column(const Column& column) {
        out_.text += '"';
        out_.text += column.name();
        out_.text += '"';
    }
    void parameter(Parameter value) {
        out_.parameters.push_back(std::move(value));
        dialect_.append_placeholder(out_.text, out_.parameters.size());
    }

    /// What an existing row's column becomes. `updated_at` always grows, so that no two states of a
    /// row share one, whatever the clock does.
    void new_value(const Relation& relation, const Column& column, std::string_view value) {
        if (&column != relation.find("updated_at")) return text(value);
        dialect_.append_later(out_.text, value, relation, column);
    }
    void new_parameter(const Relation& relation, const Column& column, const Value& value) {
        std::string placeholder;
        out_.parameters.emplace_back(value);
        dialect_.append_placeholder(placeholder, out_.parameters.size());
        new_value(relation, column, placeholder);
    }

    template <class Range>
    void columns(const Range& columns) {
        const char* separator = "";
        for (const Column* each : columns) {
            text(separator);
            column(*each);
            separator = ", ";
        }
    }

    void where(const std::optional<Filter>& filter) {
        if (!filter) return;
        text(" WHERE ");
        this->filter(*filter);
    }
    void filter(const Filter& filter) {
        std::visit([&](const auto& node) { print(node); }, filter.node);
    }
    void order(const std::vector<OrderTerm>& order) {
        const char* separator = " ORDER BY ";
        for (const auto& term : order) {
            text(separator);
            column(*term.column);
            text(term.descending ? " DESC" : " ASC");
            if (term.column->nullable()) dialect_.append_nulls(out_.text, term);
            separator = ", ";
        }
    }
    void returning(const std::vector<const Column*>& columns) {
        out_.columns = columns;
        out_.visible = columns.size();
        if (columns.empty()) return;
        text(" RETURNING ");
        this->columns(columns);
    }

    /// Of a statement that may change several rows: databases return them in an order of their own,
    /// which other tenants' rows have a say in, so the executor sorts them by their key.
    void returning_with_key(const Relation& relation, std::vector<const Column*> columns) {
        const auto visible = columns.size();
        if (visible > 0 && std::ranges::find(columns, &relation.id()) == columns.end())
            columns.push_back(&relation.id());
        returning(columns);
        out_.visible = visible;
    }

private:
    void print(const Group& group) {
        if (group.negated) text("NOT ");
        const bool all = group.kind == Group::Kind::all;
        if (group.terms.empty()) return text(all ? "(1 = 1)" : "(1 = 0)");
        text("(");
        const char* separator = "";
        for (const auto& term : group.terms) {
            text(separator);
            filter(term);
            separator = all ? " AND " : " OR ";
        }
        text(")");
    }

    void print(const Predicate& predicate) {
        if (predicate.negated) text("NOT (");
        switch (predicate.op) {
        case Operator::is_null:
            column(*predicate.column);
            text(" IS NULL");
            break;
        case Operator::in: membership(predicate); break;
        case Operator::contains:
            out_.parameters.emplace_back(predicate.operands.front());
            dialect_.append_contains(out_.text, quoted(*predicate.column), out_.parameters.size());
            break;
        default: comparison(predicate);
        }
        if (predicate.negated) text(")");
    }

    void comparison(const Predicate& predicate) {
        column(*predicate.column);
        switch (predicate.op) {
        case Operator::eq: text(" = "); break;
        case Operator::neq: text(" <> "); break;
        case Operator::lt: text(" < "); break;
        case Operator::lte: text(" <= "); break;
        case Operator::gt: text(" > "); break;
        case Operator::gte: text(" >= "); break;
        case Operator::in:
        case Operator::is_null:
        case Operator::contains: std::abort();
        }
        parameter(predicate.operands.front());
    }

    void membership(const Predicate& predicate) {
        if (predicate.operands.empty()) return text("(1 = 0)");
        column(*predicate.column);
        const char* separator = " IN (";
        for (const auto& operand : predicate.operands) {
            text(separator);
            parameter(operand);
            separator = ", ";
        }
        text(")");
    }

    Statement& out_;
    const Dialect& dialect_;
};

/// Position of `column` among the statement's columns, added out of sight where it was not asked
/// for.
std::size_t ensure_column(Statement& statement, const Column* column);

/// The embeds of `read`, at whatever depth, each as one statement for all enclosing rows.
std::vector<NestedStatement> print_nested(const Read& read, const Dialect& dialect);

}  // namespace tenantry::query
