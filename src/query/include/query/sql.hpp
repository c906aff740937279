#pragma once
/// SQL text of a scoped plan. One printer for all dialects: what differs between databases is
/// asked of a `Dialect`. Values become parameters, identifiers come from the catalog, both without
/// exception.

#include "query/scope_plan.hpp"

#include <string>
#include <variant>
#include <vector>

namespace tenantry::query {

struct Statement;

/// What one database says differently. Implementations are stateless. Threads: any.
class Dialect {
public:
    virtual ~Dialect() = default;
    /// The relation as a source of rows, quoted.
    virtual void append_source(std::string& out, const Relation& relation) const = 0;
    /// The relation as the target of a write, quoted.
    virtual void append_target(std::string& out, const Relation& relation) const = 0;
    /// What `updated_at` becomes: `time`, or just after what `column` holds now if that is no
    /// later.
    virtual void append_later(std::string& out, std::string_view time, const Relation& relation,
                              const Column& column) const = 0;
    /// The placeholder of parameter `index`, counted from 1.
    virtual void append_placeholder(std::string& out, std::size_t index) const = 0;
    /// The place `path` within `column`, which is already quoted; parameter `index` is its steps.
    virtual void append_place(std::string& out, std::string_view column, const JsonPath& path,
                              std::size_t index) const = 0;
    /// A condition with one operand: `subject`, a column or a place, and the operand's placeholder.
    virtual void append_comparison(std::string& out, const Predicate& predicate,
                                   std::string_view subject,
                                   std::string_view placeholder) const = 0;
    /// The source of the rows that an insert of several writes: see `print_insert_of`.
    virtual void append_rows(std::string& out, const std::vector<const Column*>& columns,
                             std::size_t rows) const = 0;
    /// NULLS FIRST / NULLS LAST where the database's own default differs or there is none.
    virtual void append_nulls(std::string& out, const OrderTerm& term) const = 0;
    /// After JSON by which rows are ordered: that they are as jsonb is.
    virtual void append_json_order(std::string& out) const = 0;
    /// The sum of a column of integers as such an integer, 0 of no rows.
    virtual void append_sum(std::string& out, std::string_view column) const = 0;
    /// Makes an UPDATE that changes no row fail, where the engine can't do that itself.
    virtual void insist_on_match(Statement& statement) const = 0;
    /// Whether the executor runs embedded reads row by row, or `nested` statements once.
    virtual bool embeds_run_for_each_row() const = 0;
};

/// Takes the value of a column of the enclosing row.
struct ParentColumn {
    std::size_t index;  // into the enclosing statement's columns
};
using Parameter = std::variant<Value, ParentColumn>;

struct EmbeddedStatement;

/// A statement ready to be prepared and bound. `columns` describes its result.
struct Statement {
    std::string text{};
    std::vector<Parameter> parameters{};
    std::vector<const Column*> columns{};
    std::size_t visible = 0;                // how many of `columns` were asked for
    std::vector<EmbeddedStatement> embeds;  // each run once for each row
};

struct EmbeddedStatement {
    std::string name;
    bool to_one;
    Statement statement;
};

/// An embedded read as one statement for all of the enclosing rows. Each row of its result begins
/// with the places of the rows that enclose it, counted from 1, the outermost first: as many
/// integers as `path` is long. `columns` come after them. Rows are in the order of those places.
struct NestedStatement {
    std::vector<std::size_t> path{};  // {2, 0}: the first embed within the third of the read
    std::string name{};
    bool to_one = false;
    Statement statement;
};

/// A scoped plan as statements.
struct Printed {
    /// For an insert: one row's statement without parameters, to be run for each row of the request
    /// with that row's values in the order of its columns.
    Statement main;
    std::optional<Statement> count{};       // of a read that counts: one row, one integer
    std::vector<NestedStatement> nested{};  // embeds, enclosing ones first; else they are in `main`
};

/// Takes only what scope_plan made, so no unscoped statement can be printed.
Printed print_sql(const ScopedPlan& plan, const Dialect& dialect);

/// The statement of an insert for `rows` of its rows at once. `plan` is an insert; `rows` is at
/// least 1. SQLite: the rows' values follow one another in the order of its columns. PostgreSQL:
/// one array for each column, so that a statement will do for any number of rows.
Statement print_insert_of(const ScopedPlan& plan, const Dialect& dialect, std::size_t rows);

/// PostgreSQL: relations by their schema and name, native types. It calls two functions of the
/// schema's: tenantry.contains_folded and tenantry.must_match.
const Dialect& postgres_dialect();

/// The SQLSTATE with which tenantry.must_match refuses an update that found no row.
inline constexpr std::string_view no_match_sqlstate = "TY404";

/// SQLite: reads go to the guarded view of the relation's name, writes to `main.t_<name>`.
const Dialect& sqlite_dialect();

}  // namespace tenantry::query
