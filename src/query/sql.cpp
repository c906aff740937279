#include "query/sql.hpp"

#include "query/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace tenantry::query {
namespace {

std::string quoted(const Column& column) { return fmt::format("\"{}\"", column.name()); }

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
    /// The placeholder of a parameter that is bound by the executor, row by row.
    void open_parameter(std::size_t index) { dialect_.append_placeholder(out_.text, index); }

    /// What an existing row's column becomes. `updated_at` always grows, so that no two states of a
    /// row share one, whatever the clock does.
    void new_value(const Relation& relation, const Column& column, std::string_view value) {
        if (&column != relation.find("updated_at")) return text(value);
        dialect_.append_later(out_.text, value, quoted(column));
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
std::size_t ensure_column(Statement& statement, const Column* column) {
    const auto found = std::ranges::find(statement.columns, column);
    if (found != statement.columns.end())
        return static_cast<std::size_t>(found - statement.columns.begin());
    statement.columns.push_back(column);
    return statement.columns.size() - 1;
}

/// The columns asked for, then those that embeds need. A row always has one, lest it vanish.
void choose_columns(Statement& statement, const Read& read, const Dialect& dialect);

/// The embedded read, restricted to what belongs to one enclosing row.
EmbeddedStatement print_embed(const Embed& embed, Statement& parent,
                              const Relation& parent_relation, const Dialect& dialect) {
    const bool to_one = embed.direction == Embed::Direction::to_one;
    const Column* outer = to_one ? embed.key->column : &parent_relation.id();
    const Column* inner = to_one ? &embed.read.relation->id() : embed.key->column;
    const ParentColumn from_parent{ensure_column(parent, outer)};

    EmbeddedStatement out{embed.name, to_one, {}};
    Statement& statement = out.statement;
    choose_columns(statement, embed.read, dialect);
    Printer print{statement, dialect};
    print.text("SELECT ");
    print.columns(statement.columns);
    print.text(" FROM ");
    dialect.append_source(statement.text, *embed.read.relation);
    print.where(embed.read.filter);
    print.text(" AND ");
    print.column(*inner);
    print.text(" = ");
    print.parameter(from_parent);
    print.order(embed.read.order);
    print.text(" LIMIT ");
    print.parameter(Value{static_cast<std::int64_t>(to_one ? 1 : *embed.read.limit)});
    if (embed.read.offset > 0) {
        print.text(" OFFSET ");
        print.parameter(Value{static_cast<std::int64_t>(embed.read.offset)});
    }
    return out;
}

void choose_columns(Statement& statement, const Read& read, const Dialect& dialect) {
    statement.columns = read.projection;
    statement.visible = statement.columns.size();
    for (const auto& embed : read.embeds) {
        statement.embeds.push_back(print_embed(embed, statement, *read.relation, dialect));
    }
    if (statement.columns.empty()) ensure_column(statement, read.relation->key().data());
}

Statement print_rows(const Read& read, const Dialect& dialect) {
    Statement statement;
    choose_columns(statement, read, dialect);
    // A cursor is made of the last row's order columns.
    if (read.has_more) {
        for (const auto& term : read.order) ensure_column(statement, term.column);
    }
    Printer print{statement, dialect};
    print.text("SELECT ");
    print.columns(statement.columns);
    print.text(" FROM ");
    dialect.append_source(statement.text, *read.relation);
    print.where(read.filter);
    if (read.keyset) {
        print.text(" AND ");
        print.filter(*read.keyset);
    }
    print.order(read.order);
    print.text(" LIMIT ");
    print.parameter(Value{static_cast<std::int64_t>(*read.limit) + (read.has_more ? 1 : 0)});
    if (read.offset > 0) {
        print.text(" OFFSET ");
        print.parameter(Value{static_cast<std::int64_t>(read.offset)});
    }
    return statement;
}

Statement print_count(const Read& read, const std::optional<Filter>& filter,
                      const Dialect& dialect) {
    Statement statement;
    Printer print{statement, dialect};
    if (rollup_answers(*read.relation, filter)) {
        print.text("SELECT coalesce(sum(\"n\"), 0) FROM ");
        dialect.append_source(statement.text, *read.relation->rollup()->tally);
    } else {
        print.text("SELECT count(*) FROM ");
        dialect.append_source(statement.text, *read.relation);
    }
    print.where(filter);
    return statement;
}

Statement print_insert(const Insert& insert, const Dialect& dialect, std::size_t rows) {
    Statement statement;
    Printer print{statement, dialect};
    print.text("INSERT INTO ");
    dialect.append_target(statement.text, *insert.relation);
    print.text(" (");
    print.columns(insert.columns);
    print.text(") VALUES ");
    const auto width = insert.columns.size();
    for (std::size_t i = 0; i < rows * width; ++i) {
        const bool first_of_row = i % width == 0;
        print.text(!first_of_row ? ", " : i == 0 ? "(" : "), (");
        print.open_parameter(i + 1);
    }
    print.text(")");
    if (insert.on_conflict != OnConflict::refuse) {
        print.text(" ON CONFLICT (\"tenant_id\", ");
        const schema::ColumnList primary_key{&insert.relation->id()};
        const auto& key =
            insert.conflict_key != nullptr ? insert.conflict_key->columns : primary_key;
        print.columns(key);
        print.text(insert.on_conflict == OnConflict::skip ? ") DO NOTHING" : ") DO UPDATE SET ");
        if (insert.on_conflict == OnConflict::merge) {
            const char* comma = "";
            for (const Column* column : insert.merged) {
                print.text(comma);
                print.column(*column);
                print.text(" = ");
                print.new_value(*insert.relation, *column, "excluded." + quoted(*column));
                comma = ", ";
            }
        }
    }
    print.returning(insert.returning);
    return statement;
}

Statement print_update(const Update& update, const Dialect& dialect) {
    Statement statement;
    Printer print{statement, dialect};
    print.text("UPDATE ");
    dialect.append_target(statement.text, *update.relation);
    const char* separator = " SET ";
    for (const auto& assignment : update.assignments) {
        print.text(separator);
        print.column(*assignment.column);
        print.text(" = ");
        print.new_parameter(*update.relation, *assignment.column, assignment.value);
        separator = ", ";
    }
    print.where(update.filter);
    print.returning(update.returning);
    return statement;
}

Statement print_delete(const Delete& remove, const Dialect& dialect) {
    Statement statement;
    Printer print{statement, dialect};
    print.text("DELETE FROM ");
    dialect.append_target(statement.text, *remove.relation);
    print.where(remove.filter);
    print.returning(remove.returning);
    return statement;
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
    void append_later(std::string& out, std::string_view time,
                      std::string_view current) const override {
        fmt::format_to(std::back_inserter(out), "max({}, {} + 1)", time, current);
    }
    void append_placeholder(std::string& out, std::size_t index) const override {
        fmt::format_to(std::back_inserter(out), "?{}", index);
    }
    void append_contains(std::string& out, std::string_view column,
                         std::size_t index) const override {
        fmt::format_to(std::back_inserter(out), "contains_folded({}, ?{})", column, index);
    }
    // Left to itself, SQLite sorts null before everything, in either direction's own sense.
    void append_nulls(std::string& out, const OrderTerm& term) const override {
        if (term.nulls_first == term.descending)
            out += term.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
};

}  // namespace

Printed print_sql(const ScopedPlan& plan, const Dialect& dialect) {
    struct Visitor {
        const Dialect& dialect;
        Printed operator()(const Read& read) const {
            Printed printed{print_rows(read, dialect), std::nullopt};
            if (read.count) printed.count = print_count(read, read.filter, dialect);
            return printed;
        }
        Printed operator()(const Insert& insert) const {
            return {print_insert(insert, dialect, 1), std::nullopt};
        }
        Printed operator()(const Update& update) const {
            return {print_update(update, dialect), std::nullopt};
        }
        Printed operator()(const Delete& remove) const {
            return {print_delete(remove, dialect), std::nullopt};
        }
    };
    return std::visit(Visitor{dialect}, plan.request());
}

Statement print_insert_of(const ScopedPlan& plan, const Dialect& dialect, std::size_t rows) {
    return print_insert(std::get<Insert>(plan.request()), dialect, rows);
}

const Dialect& sqlite_dialect() {
    static const SqliteDialect dialect;
    return dialect;
}

}  // namespace tenantry::query
