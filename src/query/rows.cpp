#include "query/rows.hpp"

#include "schema/json.hpp"
#include "schema/native_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace tenantry::query {

// Here, where EmbeddedRows is complete.
RowSet::RowSet() = default;
RowSet::RowSet(std::vector<const Column*> columns, std::size_t visible)
    : columns_{std::move(columns)}, visible_{visible} {}

Cell RowSet::cell(std::size_t row, std::size_t column) const noexcept {
    const auto& stored = cells_[row * columns_.size() + column];
    switch (stored.kind) {
    case Cell::Kind::null: return {};
    case Cell::Kind::integer: return {Cell::Kind::integer, stored.integer, {}};
    case Cell::Kind::text:
        return {Cell::Kind::text, 0,
                std::string_view{bytes_}.substr(static_cast<std::size_t>(stored.integer),
                                                stored.length)};
    }
    std::abort();
}

Value RowSet::value(std::size_t row, std::size_t column) const {
    const auto stored = cell(row, column);
    if (stored.kind == Cell::Kind::null) return schema::Null{};
    const auto& type = *columns_[column];
    switch (type.type()) {
    case schema::ColumnType::integer: return stored.integer;
    case schema::ColumnType::boolean: return stored.integer != 0;
    case schema::ColumnType::numeric: return Decimal{stored.integer, type.options().scale};
    case schema::ColumnType::timestamptz:
        return Timestamp{std::chrono::microseconds{stored.integer}};
    case schema::ColumnType::text: return schema::Text{stored.text};
    case schema::ColumnType::json: return schema::Json{std::string{stored.text}};
    case schema::ColumnType::sealed: return schema::Sealed{std::string{stored.text}};
    case schema::ColumnType::native:
        return schema::Native{schema::native_text(schema::read_json(stored.text).value(),
                                                  type.options().native_type == "json")};
    case schema::ColumnType::uuid:
    case schema::ColumnType::text_array: return schema::parse_text(type, stored.text).value();
    }
    std::abort();
}

Value RowSet::value(std::size_t row, std::string_view column) const {
    const auto found =
        std::ranges::find_if(columns_, [&](const Column* c) { return c->name() == column; });
    if (found == columns_.end()) std::abort();
    return value(row, static_cast<std::size_t>(found - columns_.begin()));
}

void RowSet::append_null() { cells_.push_back({Cell::Kind::null, 0, 0}); }

void RowSet::append_integer(std::int64_t value) {
    cells_.push_back({Cell::Kind::integer, 0, value});
}

void RowSet::append_text(std::string_view value) {
    cells_.push_back({Cell::Kind::text, static_cast<std::uint32_t>(value.size()),
                      static_cast<std::int64_t>(bytes_.size())});
    bytes_ += value;
}

void RowSet::append(const RowSet& other) {
    const auto offset = static_cast<std::int64_t>(bytes_.size());
    cells_.reserve(cells_.size() + other.cells_.size());
    for (auto cell : other.cells_) {
        if (cell.kind == Cell::Kind::text) cell.integer += offset;
        cells_.push_back(cell);
    }
    bytes_ += other.bytes_;
}

void append_value(RowSet& rows, const Value& value) {
    struct Visitor {
        RowSet& rows;
        void operator()(const schema::Null&) const { rows.append_null(); }
        void operator()(bool flag) const { rows.append_integer(flag ? 1 : 0); }
        void operator()(std::int64_t number) const { rows.append_integer(number); }
        void operator()(const Decimal& number) const { rows.append_integer(number.unscaled); }
        void operator()(Timestamp time) const {
            rows.append_integer(time.time_since_epoch().count());
        }
        void operator()(const Uuid& uuid) const { rows.append_text(schema::to_text(uuid)); }
        void operator()(const schema::Text& text) const { rows.append_text(text); }
        void operator()(const schema::Json& json) const { rows.append_text(json.text); }
        void operator()(const schema::TextArray& array) const {
            rows.append_text(schema::to_text(array));
        }
        void operator()(const schema::Sealed& sealed) const { rows.append_text(sealed.text); }
        void operator()(const schema::Native& native) const { rows.append_text(native.text); }
    };
    std::visit(Visitor{rows}, value);
}

RowSet rows_of(const Insert& insert) {
    RowSet rows{insert.returning, insert.returning.size()};
    for (const auto& row : insert.rows) {
        for (const auto* column : insert.returning) {
            const auto found = std::ranges::find(insert.columns, column);
            if (found == insert.columns.end()) {
                rows.append_null();
            } else {
                append_value(rows, row[static_cast<std::size_t>(found - insert.columns.begin())]);
            }
        }
    }
    return rows;
}

void RowSet::truncate(std::size_t rows) {
    cells_.resize(std::min(cells_.size(), rows * columns_.size()));
}

void RowSet::sort_by(std::span<const Column> key) {
    std::vector<std::size_t> places;
    places.reserve(key.size());
    for (const auto& part : key) {
        const auto found = std::ranges::find(columns_, &part);
        if (found == columns_.end()) return;
        places.push_back(static_cast<std::size_t>(found - columns_.begin()));
    }
    if (row_count() < 2) return;
    std::vector<std::size_t> order(row_count());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto before = [&](std::size_t left, std::size_t right) {
        for (const auto at : places) {
            const auto one = cell(left, at);
            const auto other = cell(right, at);
            if (one.integer != other.integer) return one.integer < other.integer;
            if (one.text != other.text) return one.text < other.text;
        }
        return false;
    };
    std::ranges::sort(order, before);
    std::vector<StoredCell> sorted;
    sorted.reserve(cells_.size());
    for (const auto row : order) {
        const auto begin = cells_.begin() + static_cast<std::ptrdiff_t>(row * columns_.size());
        sorted.insert(sorted.end(), begin, begin + static_cast<std::ptrdiff_t>(columns_.size()));
    }
    cells_ = std::move(sorted);
}

}  // namespace tenantry::query
