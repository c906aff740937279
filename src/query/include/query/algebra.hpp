#pragma once
/// The algebra: what can be asked of tenant relations, as data.
///
/// Every request becomes one of Read, Insert, Update, Delete. Identifiers are references into the
/// catalog and operands are typed values, so nothing here can carry SQL. A request is checked by
/// `plan` (plan.hpp) and bound to a tenant by `scope_plan` (scope_plan.hpp) before it can run.
///
/// Nulls follow SQL: a comparison with null is unknown, and unknown keeps no row, negated or not.
/// Threads: values; the catalog they refer to must outlive them.

#include "schema/catalog.hpp"

#include <cstdint>
#include <optional>
#include <string>
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
    in,        // any number of operands; none matches nothing
    is_null,   // no operand
    contains,  // one Text operand; case-insensitive substring of a text column
};

/// `[not] column op operands`.
struct Predicate {
    const Column* column;
    Operator op;
    std::vector<Value> operands{};
    bool negated = false;

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

struct Filter {
    std::variant<Predicate, Group> node;

    bool operator==(const Filter&) const;
};

struct OrderTerm {
    const Column* column;
    bool descending = false;
    bool nulls_first = false;  // ordinary SQL: last when ascending, first when descending

    friend bool operator==(const OrderTerm&, const OrderTerm&) = default;
};

struct Embed;

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
    bool sealed = false;             // may select sealed columns, for the server itself

    bool operator==(const Read&) const;
};

/// Rows of a related relation within each row of the enclosing Read, joined by `key`.
struct Embed {
    enum class Direction {
        to_one,   // the enclosing relation holds the key; an object or null
        to_many,  // `read.relation` holds the key; an array
    };
    std::string name;
    const schema::ForeignKey* key;
    Direction direction;
    Read read;

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

using Request = std::variant<Read, Insert, Update, Delete>;

/// `column = value`.
Filter equals(const Column& column, Value value);
/// The conjunction of both, flat where `filter` is one already; either may be absent.
void add_term(std::optional<Filter>& filter, Filter term);
/// All columns of `relation` that may leave the server, in the schema's order: none that is sealed.
std::vector<const Column*> all_columns(const Relation& relation);

}  // namespace tenantry::query
