#pragma once
/// SQL text of a scoped plan. One printer for all dialects: what differs between databases is
/// asked of a `Dialect`. Values become parameters, identifiers come from the catalog, both without
/// exception.

#include "query/scope_plan.hpp"

#include <string>
#include <variant>
#include <vector>

namespace tenantry::query {

/// What one database says differently. Implementations are stateless. Threads: any.
class Dialect {
public:
    virtual ~Dialect() = default;
    /// The relation as a source of rows, quoted.
    virtual void append_source(std::string& out, const Relation& relation) const = 0;
    /// The relation as the target of a write, quoted.
    virtual void append_target(std::string& out, const Relation& relation) const = 0;
    /// What `updated_at` becomes: the placeholder's time, or just after `current` if that is no
    /// later.
    virtual void append_later(std::string& out, std::string_view time,
                              std::string_view current) const = 0;
    /// The placeholder of parameter `index`, counted from 1.
    virtual void append_placeholder(std::string& out, std::size_t index) const = 0;
    /// Case-insensitive substring test; `column` is already quoted.
    virtual void append_contains(std::string& out, std::string_view column,
                                 std::size_t index) const = 0;
    /// NULLS FIRST / NULLS LAST where the database's own default differs or there is none.
    virtual void append_nulls(std::string& out, const OrderTerm& term) const = 0;
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

/// A scoped plan as statements.
struct Printed {
    /// For an insert: one row's statement without parameters, to be run for each row of the request
    /// with that row's values in the order of its columns.
    Statement main;
    std::optional<Statement> count{};  // of a read that counts: one row, one integer
};

/// Takes only what scope_plan made, so no unscoped statement can be printed.
Printed print_sql(const ScopedPlan& plan, const Dialect& dialect);

/// The statement of an insert for `rows` of its rows at once, whose values follow one another in
/// the order of its columns. `plan` is an insert; `rows` is at least 1.
Statement print_insert_of(const ScopedPlan& plan, const Dialect& dialect, std::size_t rows);

/// SQLite: reads go to the guarded view of the relation's name, writes to `main.t_<name>`.
const Dialect& sqlite_dialect();

}  // namespace tenantry::query
