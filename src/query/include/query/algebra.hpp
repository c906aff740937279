#pragma once
/// The algebra: what can be asked of tenant relations, as data.
///
/// Every request becomes one of Read, Insert, Update, Delete. Identifiers are references into the
/// catalog and operands are typed values, so nothing here can carry SQL. A request is checked by
/// `plan` (plan.hpp) and bound to a tenant by `scope_plan` (scope_plan.hpp) before it can run.
///
/// Nulls follow SQL: a comparison with null is unknown, and unknown keeps no row, negated or not.
/// Threads: values; the catalog they refer to must outlive them.

#include "base/text_search.hpp"
#include "schema/catalog.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tenantry::query {

using schema::Column;
using schema::Relation;
using schema::Value;

enum class Operator {
    eq,
    neq,
    lt,
    lte,
    gt,
    gte,
    distinct,  // not equal, where null is a value like any other
    in,        // any number of operands; none matches nothing
    is_null,   // no operand
    contains,  // one Text operand; case-insensitive substring of a text column
    // One Text operand, of text. Patterns: base/pattern.hpp.
    like,
    ilike,
    match,   // a regular expression, found somewhere
    imatch,  // without regard to ASCII case
    // One operand of the column's type, a text_array, the first two also of json; and native.
    has_all,   // holds all of the operand (PostgreSQL's @>)
    within,    // holds nothing but what the operand holds (<@)
    overlaps,  // holds something that the operand holds (&&)
    // One operand of the column's type, native: ranges.
    left_of,       // ends before the operand begins (<<)
    right_of,      // begins after the operand ends (>>)
    not_right_of,  // doesn't reach beyond the operand's end (&<)
    not_left_of,   // doesn't reach before the operand's begin (&>)
    adjacent,      // begins where the operand ends, or ends where it begins (-|-)
    search,        // one Text operand, a query of full-text search, of text, JSON and tsvector
};

/// How a search reads its operand, and the text that it looks through.
struct Search {
    SearchSyntax syntax = SearchSyntax::operators;
    /// One of `search_configurations`; empty: the database's default, on SQLite `simple`.
    std::string_view configuration{};

    friend bool operator==(const Search&, const Search&) = default;
};

/// Those that PostgreSQL 15 comes with. SQLite has `simple`.
std::span<const std::string_view> search_configurations() noexcept;

/// A place within a column of JSON: names of members, and indexes of elements, which count from the
/// end where they are negative. Operands are Json, or Text `as_text`; where there is no such place
/// it is null.
struct JsonPath {
    std::vector<std::string> steps{};
    bool as_text = false;

    friend bool operator==(const JsonPath&, const JsonPath&) = default;
};

/// `[not] column op operands`.
struct Predicate {
    const Column* column;
    Operator op;
    std::vector<Value> operands{};
    bool negated = false;
    std::optional<JsonPath> path{};
    std::optional<Search> search{};  // of Operator::search

    friend bool operator==(const Predicate&, const Predicate&) = default;
};

struct Filter;

/// `[not] (terms joined by and/or)`. An empty conjunction is true, an empty disjunction false.
struct Group {
    enum class Kind { all, any };
    Kind kind;
    std::vector<Filter> terms;
    bool negated = false;

    bool operator==(const Group&) const;
};

enum class Direction {
    to_one,   // the enclosing relation holds the key; an object or null
    to_many,  // the related one holds it; an array
};

/// `[not] there is a related row, joined by key, for which all terms hold`.
struct Related {
    const schema::ForeignKey* key;
    Direction direction;
    const Relation* relation;
    std::vector<Filter> terms;
    bool negated = false;

    bool operator==(const Related&) const;
};

struct Filter {
    std::variant<Predicate, Group, Related> node;

    bool operator==(const Filter&) const;
};

/// A column, or a place within it (JSON's order is that of jsonb), of the rows themselves or of
/// what is embedded in them: where there is no such place, or no such row, it is null.
struct OrderTerm {
    const Column* column;
    bool descending = false;
    bool nulls_first = false;  // ordinary SQL: last when ascending, first when descending
    std::optional<JsonPath> path{};
    std::optional<std::size_t> embed{};  // to one, of the read's

    /// `column` where rows are ordered by a column of their own, else nullptr.
    const Column* own_column() const noexcept { return path || embed ? nullptr : column; }

    friend bool operator==(const OrderTerm&, const OrderTerm&) = default;
};

struct Embed;

/// What a read calls instead of reading a relation's own rows.
struct FunctionCall {
    struct Argument {
        const schema::Function::Parameter* parameter;
        Value value;

        friend bool operator==(const Argument&, const Argument&) = default;
    };
    const schema::Function* function;
    std::vector<Argument> arguments{};  // of the function's parameters, each at most once
    bool may_write = false;             // of one that writes; else it fails when it does

    friend bool operator==(const FunctionCall&, const FunctionCall&) = default;
};

struct Read {
    const Relation* relation;
    std::vector<const Column*> projection{};
    std::vector<Embed> embeds;  // without {}: Embed isn't complete here
    std::optional<Filter> filter{};
    std::vector<OrderTerm> order{};
    std::optional<std::uint32_t> limit{};
    std::uint64_t offset = 0;
    /// Keyset paging: the order columns' values in the last row seen.
    std::optional<std::vector<Value>> after{};
    std::optional<Filter> keyset{};  // made of `after` by `plan`, never by a request
    bool count = false;              // also the number of rows without limit, offset and after
    bool has_more = false;           // also whether rows follow the page
    /// Without projection, embeds and order: one row of `count_column`, how many there are.
    bool only_count = false;
    bool sealed = false;  // may select sealed columns, for the server itself
    /// Rows come from a function whose result `relation` is, in its order unless another is given;
    /// without embeds and cursors, and of one that writes without `count`, which would call it
    /// twice.
    std::optional<FunctionCall> call{};

    bool operator==(const Read&) const;
};

/// Rows of a related relation within each row of the enclosing Read, joined by `key`.
struct Embed {
    using Direction = query::Direction;
    std::string name;
    const schema::ForeignKey* key;
    Direction direction;
    Read read;
    bool required = false;  // enclosing rows without such a row are left out
    /// The rows are of a junction, which leads to many: each stands for the one row embedded in it.
    bool through = false;

    bool operator==(const Embed&) const;
};

struct Assignment {
    const Column* column;
    Value value;

    friend bool operator==(const Assignment&, const Assignment&) = default;
};

/// What an insert does about a row whose key is taken.
enum class OnConflict { refuse, skip, merge };

struct Insert {
    const Relation* relation;
    std::vector<const Column*> columns{};
    std::vector<std::vector<Value>> rows{};  // each as long as `columns`
    OnConflict on_conflict = OnConflict::refuse;
    /// The unique key meant by skip and merge; nullptr for the primary key.
    const schema::UniqueKey* conflict_key = nullptr;
    std::vector<const Column*> merged{};  // what merge overwrites: made by `plan` of what was sent
    std::vector<const Column*> returning{};
    /// Returned rows also have `inserted_column`, behind the others: of a relation with marks.
    bool tells_inserted = false;

    bool operator==(const Insert&) const = default;
};

/// `must_match`: to find no row is a refusal (no_match), which undoes what ran before it in the
/// same transaction.
struct Update {
    const Relation* relation;
    std::vector<Assignment> assignments{};
    std::optional<Filter> filter{};
    std::vector<const Column*> returning{};
    bool must_match = false;

    bool operator==(const Update&) const = default;
};

struct Delete {
    const Relation* relation;
    std::optional<Filter> filter{};
    std::vector<const Column*> returning{};

    bool operator==(const Delete&) const = default;
};

/// What a read that only counts has for its only column.
extern const Column count_column;
/// Whether a row that was returned is new, or was there and merged.
extern const Column inserted_column;

using Request = std::variant<Read, Insert, Update, Delete>;

/// Of which the request is.
const Relation& relation_of(const Request& request);
/// Whether the request changes anything: it is no read, or one that calls a function that may.
bool is_write(const Request& request);

/// Whether one of the conditions of a request, embedded reads and all, is such a one.
bool any_predicate(const Request& request, const std::function<bool(const Predicate&)>& is_such);
/// `column = value`.
Filter equals(const Column& column, Value value);
/// That there is a row to embed: one that passes the embed's filter, and has what is required
/// within it. Of an embed that `plan` has not seen yet.
Related presence_of(const Embed& embed, bool negated = false);
/// The conjunction of both, flat where `filter` is one already; either may be absent.
void add_term(std::optional<Filter>& filter, Filter term);
/// The columns of the key that an insert's conflict is about.
schema::ColumnList conflict_columns(const Insert& insert);
/// All columns of `relation` that may leave the server, in the schema's order: none that is sealed.
std::vector<const Column*> all_columns(const Relation& relation);

}  // namespace tenantry::query
