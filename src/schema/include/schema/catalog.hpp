#pragma once
/// The catalog: which relations exist, with their columns, keys and rules. It is the only source
/// of identifiers that reach SQL. Built once at start and immutable; everything else refers into
/// it by reference. Threads: any may read.

#include "schema/value.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::schema {

class Relation;

/// Who gives a column its value.
enum class Origin {
    client,       // any insert, any update
    client_once,  // an insert; later it stands
    server,       // the server, on insert (id, created_at) or each write (updated_at)
};

enum class Format { none, email, url };

/// The smallest and the largest value; of a numeric column, their unscaled integers.
struct Range {
    std::int64_t least;
    std::int64_t most;
};

class Column {
public:
    struct Options {
        bool nullable = true;
        Origin origin = Origin::client;
        Format format = Format::none;
        std::uint8_t precision = 0;            // numeric: digits in all
        std::uint8_t scale = 0;                // numeric: digits after the point
        std::size_t bytes_max = 1024;          // text, and each element of text_array
        std::vector<std::string> allowed{};    // text, elements of text_array: empty for any
        std::optional<Range> range{};          // integer, numeric
        std::optional<Value> default_value{};  // what an insert without it gets, if not null
        bool may_be_blank = false;             // text that isn't nullable: also without letters
        std::string native_type{};             // native: its name in SQL
    };
    Column(std::string name, ColumnType type, Options options)
        : name_{std::move(name)}, type_{type}, options_{std::move(options)} {}

    const std::string& name() const noexcept { return name_; }
    ColumnType type() const noexcept { return type_; }
    bool nullable() const noexcept { return options_.nullable; }
    const Options& options() const noexcept { return options_; }

    /// Checks enumeration and range. Errors: bad_value, naming the allowed words; out_of_range.
    Result<void> check_allowed(const Value& value) const;

private:
    std::string name_;
    ColumnType type_;
    Options options_;
};

/// Whether the column holds words ready to be searched.
inline bool is_tsvector(const Column& column) noexcept {
    return column.type() == ColumnType::native && column.options().native_type == "tsvector";
}

/// Columns of keys and indexes are given without `tenant_id`, which leads each of them.
using ColumnList = std::vector<const Column*>;

struct UniqueKey {
    ColumnList columns;
};

struct OrderedColumn {
    const Column* column;
    bool descending = false;
};
struct Index {
    std::vector<OrderedColumn> columns;
};

/// What becomes of the referencing rows when the one that they refer to is deleted.
enum class OnDelete {
    cascade,  // they go as well
    release,  // they refer to nothing any more
};

struct ForeignKey {
    std::string name;
    const Column* column;    // in the referencing relation
    const Relation* target;  // always by its tenant_id and id
    OnDelete on_delete;
};

/// The tally that counts a relation's rows by one of its columns, so that a total costs a few rows
/// instead of a scan.
struct Rollup {
    const Relation* tally;  // has a column of the same name, and `n`
    const Column* column;   // of the relation counted
};

/// One tenant relation. Every one has `tenant_id`; its primary key is (tenant_id, id).
///
/// A tally is a relation that the database itself keeps, by triggers, of the rows of another: it
/// has a key of its own instead of the id, holds no row whose counts are all zero, and is only
/// read. A log is kept and keyed likewise, and forgotten row by row by the server.
///
/// An external relation was made by others in the same database. It has a key of its own, of one or
/// more columns; the database gives what an insert leaves out; the server keeps nothing in it and
/// records no changes of it.
///
/// A view was made by others as well, is only read, and has no key.
///
/// A result is what a function gives: rows that are nowhere stored, without a key. Where they say
/// whose they are, they have `tenant_id`.
class Relation {
public:
    enum class Kind { standard, tally, log, external, view, result };

    Relation(std::string name, std::vector<Column> columns);
    /// Keyed by its `key_columns` columns after `tenant_id`.
    Relation(std::string name, std::vector<Column> columns, std::size_t key_columns, Kind kind);
    Relation(const Relation&) = delete;
    Relation& operator=(const Relation&) = delete;

    const std::string& name() const noexcept { return name_; }
    /// All columns in the order of the schema; `tenant_id` first, then `id`, or the key.
    std::span<const Column> columns() const noexcept { return columns_; }
    /// Not of a result.
    const Column& tenant_id() const noexcept { return columns_[0]; }
    /// The same of any relation; nullptr: its rows don't say whose they are.
    const Column* owner() const noexcept { return find("tenant_id"); }
    /// Not of a tally or view; of an external relation its key's first column.
    const Column& id() const noexcept { return columns_[1]; }
    /// The primary key behind `tenant_id`: the id, or the relation's own. Empty of a view or
    /// result.
    std::span<const Column> key() const noexcept {
        return is_view() || is_result() ? std::span<const Column>{}
                                        : columns().subspan(1, key_columns_);
    }
    /// Also of a log.
    bool is_tally() const noexcept { return kind_ == Kind::tally || is_log(); }
    bool is_log() const noexcept { return kind_ == Kind::log; }
    bool is_external() const noexcept { return kind_ == Kind::external; }
    bool is_view() const noexcept { return kind_ == Kind::view; }
    bool is_result() const noexcept { return kind_ == Kind::result; }
    /// nullptr if there is none of that name.
    const Column* find(std::string_view name) const noexcept;
    /// The column of that name, which must exist (for code that names built-in columns).
    const Column& column(std::string_view name) const;

    std::span<const UniqueKey> unique_keys() const noexcept { return unique_keys_; }
    std::span<const Index> indexes() const noexcept { return indexes_; }
    std::span<const ForeignKey> foreign_keys() const noexcept { return foreign_keys_; }
    const std::optional<Rollup>& rollup() const noexcept { return rollup_; }
    /// No update and no delete by request.
    bool append_only() const noexcept { return append_only_; }
    /// The server's own: no client names it.
    bool internal() const noexcept { return internal_; }
    /// The database can say of a row that was written whether it was there before.
    bool marks_merged() const noexcept { return marks_merged_; }

    void add_unique_key(std::span<const std::string_view> columns);
    void add_unique_key(std::initializer_list<std::string_view> columns) {
        add_unique_key(std::span{columns.begin(), columns.size()});
    }
    /// A leading `-` on a name means descending.
    void add_index(std::initializer_list<std::string_view> columns);
    void add_foreign_key(std::string_view column, const Relation& target,
                         OnDelete on_delete = OnDelete::cascade);
    void add_foreign_key(ForeignKey key) { foreign_keys_.push_back(std::move(key)); }
    void set_rollup(const Relation& tally, std::string_view column);
    void set_append_only() { append_only_ = true; }
    void set_internal() { internal_ = true; }
    void set_marks_merged() { marks_merged_ = true; }

private:
    std::string name_;
    std::vector<Column> columns_;
    std::vector<UniqueKey> unique_keys_;
    std::vector<Index> indexes_;
    std::vector<ForeignKey> foreign_keys_;
    std::optional<Rollup> rollup_;
    std::size_t key_columns_ = 1;
    Kind kind_ = Kind::standard;
    bool append_only_ = false;
    bool internal_ = false;
    bool marks_merged_ = false;
};

/// A function of the database that clients may call, with arguments by name.
struct Function {
    struct Parameter {
        Column column;          // without a name: it is the only one, and takes a whole document
        bool optional = false;  // the database has a value of its own for it
        bool variadic = false;  // an array
    };
    enum class Returns { nothing, value, values, row, rows };

    std::string name;
    std::vector<Parameter> parameters{};
    Returns returns = Returns::nothing;
    /// What it gives: a relation of the catalog, or a result of its own. Of a value or values it
    /// has one column; of nothing none.
    std::shared_ptr<const Relation> result{};
    bool writes = false;  // else it can only read

    /// nullptr if there is none of that name.
    const Parameter* find(std::string_view parameter) const noexcept;
};

/// A copy shares its relations and functions with the original.
class Catalog {
public:
    Relation& add(std::string name, std::vector<Column> columns);
    const Relation& add_tally(std::string name, std::vector<Column> columns,
                              std::size_t key_columns);
    const Relation& add_log(std::string name, std::vector<Column> columns, std::size_t key_columns);
    Relation& add_external(std::string name, std::vector<Column> columns, std::size_t key_columns);
    const Relation& add_view(std::string name, std::vector<Column> columns);

    /// nullptr if there is none of that name; tallies and logs aren't found.
    const Relation* find(std::string_view name) const noexcept;
    /// The relation, tally or log of that name, which must exist.
    const Relation& relation(std::string_view name) const;
    /// In the order in which they were added: referenced ones before those that refer to them.
    std::span<const std::shared_ptr<Relation>> relations() const noexcept { return relations_; }
    std::span<const std::shared_ptr<Relation>> views() const noexcept { return views_; }
    /// Logs among them.
    std::span<const std::shared_ptr<Relation>> tallies() const noexcept { return tallies_; }

    void add_function(Function function);
    /// The first of that name; nullptr if there is none.
    const Function* find_function(std::string_view name) const noexcept;
    /// All of that name, which differ in their parameters.
    std::vector<const Function*> functions_named(std::string_view name) const;
    std::span<const std::shared_ptr<const Function>> functions() const noexcept {
        return functions_;
    }

private:
    std::vector<std::shared_ptr<Relation>> relations_;
    std::vector<std::shared_ptr<Relation>> views_;
    std::vector<std::shared_ptr<Relation>> tallies_;
    std::vector<std::shared_ptr<const Function>> functions_;
};

}  // namespace tenantry::schema
