#pragma once
/// What an executor returns: rows in one arena, without an allocation per value.

#include "query/algebra.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::query {

/// One value of a row in the engine-independent storage form: null; an integer (integer, boolean 0
/// or 1, numeric as its unscaled value, timestamptz as microseconds); or text (everything else,
/// uuids in their 36-character form).
struct Cell {
    enum class Kind : std::uint8_t { null, integer, text };
    Kind kind = Kind::null;
    std::int64_t integer = 0;
    std::string_view text{};  // valid while the RowSet stands unchanged
};

struct EmbeddedRows;

/// Rows of one relation. `columns` may hold more columns than were asked for (keys for embeds and
/// cursors); the first `visible` are the answer. Append cells row by row; `row_count` rows are
/// complete. Threads: a value.
class RowSet {
public:
    RowSet();
    RowSet(std::vector<const Column*> columns, std::size_t visible);

    const std::vector<const Column*>& columns() const noexcept { return columns_; }
    std::size_t visible() const noexcept { return visible_; }
    std::size_t row_count() const noexcept {
        return columns_.empty() ? 0 : cells_.size() / columns_.size();
    }

    Cell cell(std::size_t row, std::size_t column) const noexcept;
    /// The cell as a typed value of its column.
    Value value(std::size_t row, std::size_t column) const;
    /// The value of the column of that name, which must be among `columns`.
    Value value(std::size_t row, std::string_view column) const;

    void append_null();
    void append_integer(std::int64_t value);
    void append_text(std::string_view value);
    /// Those of `other`, which has the same columns and no embeds.
    void append(const RowSet& other);
    /// Forgets the rows from `rows` on.
    void truncate(std::size_t rows);
    /// Puts the rows in the order of their keys, where those are among the columns. Not with
    /// embeds.
    void sort_by(std::span<const Column> key);

    std::vector<EmbeddedRows>& embeds() noexcept { return embeds_; }
    const std::vector<EmbeddedRows>& embeds() const noexcept { return embeds_; }

private:
    struct StoredCell {
        Cell::Kind kind;
        std::uint32_t length;
        std::int64_t integer;  // or the offset into bytes_
    };
    std::vector<const Column*> columns_;
    std::size_t visible_ = 0;
    std::vector<StoredCell> cells_;
    std::string bytes_;
    std::vector<EmbeddedRows> embeds_;
};

/// The embedded rows of all rows of the enclosing RowSet: those of row i are
/// `rows[ends[i-1]] … rows[ends[i]-1]`.
struct EmbeddedRows {
    std::string name;
    bool to_one = false;
    RowSet rows;
    std::vector<std::size_t> ends{};
};

/// What an insert will return, before it has run: its rows with the columns of `returning`. They
/// are what is stored, since a plan holds every value that isn't null.
RowSet rows_of(const Insert& insert);
/// Appends one value in its storage form; `value` is null or of the column's type.
void append_value(RowSet& rows, const Value& value);

/// The outcome of one plan.
struct Reply {
    RowSet rows{};                        // of a read, or returned by a write
    std::optional<std::int64_t> total{};  // where Read::count asked for it
    bool has_more = false;                // where Read::has_more asked for it
    std::int64_t affected = 0;            // rows written
};

}  // namespace tenantry::query
