#include "query/sql.hpp"

#include "query/cost.hpp"
#include "sql_printer.hpp"

#include <algorithm>

namespace tenantry::query {

std::size_t ensure_column(Statement& statement, const Column* column) {
    const auto found = std::ranges::find(statement.columns, column);
    if (found != statement.columns.end())
        return static_cast<std::size_t>(found - statement.columns.begin());
    statement.columns.push_back(column);
    return statement.columns.size() - 1;
}

namespace {

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
    print.selected(embed.read, statement.columns);
    print.text(" FROM ");
    dialect.append_source(statement.text, *embed.read.relation);
    print.where(embed.read.filter);
    print.text(" AND ");
    print.column(*inner);
    print.text(" = ");
    print.parameter(from_parent);
    print.page(embed.read, to_one ? 1 : *embed.read.limit);
    return out;
}

void choose_columns(Statement& statement, const Read& read, const Dialect& dialect) {
    statement.columns = read.projection;
    statement.visible = statement.columns.size();
    for (const auto& embed : read.embeds) {
        if (!dialect.embeds_run_for_each_row()) break;
        statement.embeds.push_back(print_embed(embed, statement, *read.relation, dialect));
    }
    if (read.only_count) {
        statement.columns = {&count_column};
        statement.visible = 1;
    }
    if (!statement.columns.empty()) return;
    const auto key = read.relation->key();
    ensure_column(statement, key.empty() ? read.relation->columns().data() : key.data());
}

Statement print_count(const Read& read, const Dialect& dialect) {
    Statement statement;
    Printer print{statement, dialect};
    if (!read.call && rollup_answers(*read.relation, read.filter)) {
        print.text("SELECT ");
        dialect.append_sum(statement.text, "\"n\"");
        print.text(" FROM ");
        dialect.append_source(statement.text, *read.relation->rollup()->tally);
    } else {
        print.text("SELECT count(*) FROM ");
        print.source(read);
    }
    print.where(read.filter);
    return statement;
}

Statement print_rows(const Read& read, const Dialect& dialect) {
    if (read.only_count) {
        auto counted = print_count(read, dialect);
        counted.columns = {&count_column};
        counted.visible = 1;
        Printer{counted, dialect}.page(read, *read.limit);
        return counted;
    }
    Statement statement;
    choose_columns(statement, read, dialect);
    // A cursor is made of the last row's order columns.
    if (read.has_more) {
        for (const auto& term : read.order) ensure_column(statement, term.column);
    }
    Printer print{statement, dialect};
    print.text("SELECT ");
    print.told(statement.columns);
    print.text(" FROM ");
    print.source(read);
    print.where(read.filter);
    if (read.keyset) {
        print.text(" AND ");
        print.filter(*read.keyset);
    }
    print.page(read, static_cast<std::int64_t>(*read.limit) + (read.has_more ? 1 : 0));
    return statement;
}

/// `append_source(text)` adds where the rows come from.
template <class Source>
Statement print_insert(const Insert& insert, const Dialect& dialect, Source append_source) {
    Statement statement;
    Printer print{statement, dialect};
    print.text("INSERT INTO ");
    dialect.append_target(statement.text, *insert.relation);
    print.text(" (");
    print.columns(insert.columns);
    print.text(") ");
    append_source(statement.text);
    if (insert.on_conflict != OnConflict::refuse) {
        print.text(" ON CONFLICT (\"tenant_id\", ");
        print.columns(conflict_columns(insert));
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
    auto returning = insert.returning;
    if (insert.tells_inserted) returning.push_back(&inserted_column);
    print.returning(returning);
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
    print.returning_with_key(*update.relation, update.returning);
    if (update.must_match) dialect.insist_on_match(statement);
    return statement;
}

Statement print_delete(const Delete& remove, const Dialect& dialect) {
    Statement statement;
    Printer print{statement, dialect};
    print.text("DELETE FROM ");
    dialect.append_target(statement.text, *remove.relation);
    print.where(remove.filter);
    print.returning_with_key(*remove.relation, remove.returning);
    return statement;
}

}  // namespace

std::string_view comparison_word(Operator op) noexcept {
    switch (op) {
    case Operator::eq: return "=";
    case Operator::neq: return "<>";
    case Operator::lt: return "<";
    case Operator::lte: return "<=";
    case Operator::gt: return ">";
    case Operator::gte: return ">=";
    default: return {};
    }
}

void append_values(std::string& out, const Dialect& dialect, std::size_t width, std::size_t rows) {
    out += "VALUES ";
    for (std::size_t i = 0; i < rows * width; ++i) {
        const bool first_of_row = i % width == 0;
        out += !first_of_row ? ", " : i == 0 ? "(" : "), (";
        dialect.append_placeholder(out, i + 1);
    }
    out += ')';
}

Printed print_sql(const ScopedPlan& plan, const Dialect& dialect) {
    struct Visitor {
        const Dialect& dialect;
        Printed operator()(const Read& read) const {
            Printed printed{.main = print_rows(read, dialect)};
            if (read.count) printed.count = print_count(read, dialect);
            if (!dialect.embeds_run_for_each_row()) printed.nested = print_nested(read, dialect);
            return printed;
        }
        Printed operator()(const Insert& insert) const {
            const auto one_row = [&](std::string& out) {
                append_values(out, dialect, insert.columns.size(), 1);
            };
            return {.main = print_insert(insert, dialect, one_row)};
        }
        Printed operator()(const Update& update) const {
            return {.main = print_update(update, dialect)};
        }
        Printed operator()(const Delete& remove) const {
            return {.main = print_delete(remove, dialect)};
        }
    };
    return std::visit(Visitor{dialect}, plan.request());
}

Statement print_insert_of(const ScopedPlan& plan, const Dialect& dialect, std::size_t rows) {
    const auto& insert = std::get<Insert>(plan.request());
    return print_insert(insert, dialect,
                        [&](std::string& out) { dialect.append_rows(out, insert.columns, rows); });
}

}  // namespace tenantry::query
