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

/// `=`, `<>`, … of the six comparisons; empty for the others.
std::string_view comparison_word(Operator op) noexcept;

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

    /// What an existing row's column becomes. `updated_at` always grows where it is the server's,
    /// so that no two states of a row share one, whatever the clock does.
    void new_value(const Relation& relation, const Column& column, std::string_view value) {
        const bool grows = !relation.is_external() && &column == relation.find("updated_at");
        if (!grows) return text(value);
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

    /// Where the rows come from, under the relation's name.
    void source(const Read& read) {
        if (!read.call) return dialect_.append_source(out_.text, *read.relation);
        text(fmt::format("\"public\".\"{}\"(", read.call->function->name));
        const char* separator = "";
        for (const auto& [parameter, value] : read.call->arguments) {
            text(separator);
            if (!parameter->column.name().empty()) {
                text(fmt::format("{}{} => ", parameter->variadic ? "VARIADIC " : "",
                                 quoted(parameter->column)));
            }
            this->parameter(value);
            separator = ", ";
        }
        text(fmt::format(") AS \"{}\"", read.relation->name()));
        // What a relation's own rows are made of has names of its own.
        if (!read.relation->is_result() || read.relation->columns().empty()) return;
        separator = " (";
        for (const auto& each : read.relation->columns()) {
            text(separator);
            column(each);
            separator = ", ";
        }
        text(")");
    }

    /// What a read of those columns selects.
    void selected(const Read& read, const std::vector<const Column*>& columns) {
        if (!read.only_count) return told(columns);
        text("count(*) AS ");
        column(count_column);
    }

    /// Columns that leave the database: those of its own types as JSON.
    void told(const std::vector<const Column*>& columns) {
        const char* separator = "";
        for (const Column* each : columns) {
            text(separator);
            if (each == &inserted_column) {
                // A row that was there has been locked, which leaves its mark.
                text(fmt::format("xmax = 0 AS {}", quoted(*each)));
            } else if (each->type() == schema::ColumnType::native) {
                text(fmt::format("to_json({0}) AS {0}", quoted(*each)));
            } else {
                column(*each);
            }
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
    /// The order, and which rows of it.
    void page(const Read& read, std::int64_t limit) {
        order(read);
        text(" LIMIT ");
        parameter(Value{limit});
        offset(read);
    }
    void returning(const std::vector<const Column*>& columns) {
        out_.columns = columns;
        out_.visible = columns.size();
        if (columns.empty()) return;
        text(" RETURNING ");
        told(columns);
    }

    /// Of a statement that may change several rows: databases return them in an order of their own,
    /// which other tenants' rows have a say in, so the executor sorts them by their key.
    void returning_with_key(const Relation& relation, std::vector<const Column*> columns) {
        const auto visible = columns.size();
        for (const auto& part : relation.key()) {
            if (visible > 0 && std::ranges::find(columns, &part) == columns.end())
                columns.push_back(&part);
        }
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
            text(subject(predicate));
            text(" IS NULL");
            break;
        case Operator::in: membership(predicate); break;
        default: comparison(predicate, predicate.operands.front());
        }
        if (predicate.negated) text(")");
    }

    void order(const Read& read) {
        const char* separator = " ORDER BY ";
        for (const auto& term : read.order) {
            text(separator);
            if (term.embed) {
                embedded(read, read.embeds[*term.embed], term);
            } else {
                // Alone, the name would mean what is selected under it.
                if (term.column->type() == schema::ColumnType::native)
                    text(fmt::format("\"{}\".", read.relation->name()));
                text(place(*term.column, term.path));
            }
            if (term.path && !term.path->as_text) dialect_.append_json_order(out_.text);
            text(term.descending ? " DESC" : " ASC");
            const auto* own = term.own_column();
            if (own == nullptr || own->nullable()) dialect_.append_nulls(out_.text, term);
            separator = ", ";
        }
    }

    void offset(const Read& read) {
        if (read.offset == 0) return;
        text(" OFFSET ");
        parameter(Value{static_cast<std::int64_t>(read.offset)});
    }

    /// A value of the row that is embedded: found by the same filter, which `scope_plan` has held
    /// to the tenant. Its relation has a name of its own, as it may be the enclosing one.
    void embedded(const Read& read, const Embed& embed, const OrderTerm& term) {
        text("(SELECT ");
        text(place(*term.column, term.path));
        text(" FROM ");
        dialect_.append_source(out_.text, *embed.read.relation);
        text(" AS \"embedded\"");
        where(embed.read.filter);
        text(fmt::format(" AND {} = \"{}\".{} LIMIT 1", quoted(embed.read.relation->id()),
                         read.relation->name(), quoted(*embed.key->column)));
        offset(embed.read);
        text(")");
    }

    /// What a condition is about.
    std::string subject(const Predicate& predicate) {
        return place(*predicate.column, predicate.path);
    }

    /// A column, or a place within it.
    std::string place(const Column& column, const std::optional<JsonPath>& path) {
        auto out = quoted(column);
        if (!path) return out;
        out_.parameters.emplace_back(Value{schema::TextArray{path->steps}});
        std::string place;
        dialect_.append_place(place, out, *path, out_.parameters.size());
        return place;
    }

    void comparison(const Predicate& predicate, const Value& operand) {
        const auto of = subject(predicate);
        out_.parameters.emplace_back(operand);
        std::string placeholder;
        dialect_.append_placeholder(placeholder, out_.parameters.size());
        dialect_.append_comparison(out_.text, predicate, of, placeholder);
    }

    void membership(const Predicate& predicate) {
        if (predicate.operands.empty()) return text("(1 = 0)");
        if (predicate.path && !predicate.path->as_text) return alternatives(predicate);
        text(subject(predicate));
        const char* separator = " IN (";
        for (const auto& operand : predicate.operands) {
            text(separator);
            parameter(operand);
            separator = ", ";
        }
        text(")");
    }

    /// JSON values are equal in ways that not every database knows by itself.
    void alternatives(const Predicate& predicate) {
        auto one = predicate;
        one.op = Operator::eq;
        const char* separator = "(";
        for (const auto& operand : predicate.operands) {
            text(separator);
            comparison(one, operand);
            separator = " OR ";
        }
        text(")");
    }

    /// By a list of keys, so that no name of the enclosing relation has to be told from one within.
    void print(const Related& related) {
        const bool to_one = related.direction == Direction::to_one;
        const auto& own = to_one ? *related.key->column : related.key->target->id();
        const auto& theirs = to_one ? related.relation->id() : *related.key->column;
        if (related.negated) {
            text("(");
            if (to_one) text(fmt::format("{} IS NULL OR ", quoted(own)));
            text("NOT ");
        }
        text(fmt::format("{} IN (SELECT {} FROM ", quoted(own), quoted(theirs)));
        dialect_.append_source(out_.text, *related.relation);
        const char* separator = " WHERE ";
        for (const auto& term : related.terms) {
            text(separator);
            filter(term);
            separator = " AND ";
        }
        if (theirs.nullable()) text(fmt::format("{}{} IS NOT NULL", separator, quoted(theirs)));
        text(related.negated ? "))" : ")");
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
