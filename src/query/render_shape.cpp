#include "query/render_shape.hpp"

#include "base/text.hpp"
#include "cell_text.hpp"
#include "query/cast.hpp"
#include "schema/json_query.hpp"

#include <algorithm>
#include <functional>
#include <list>
#include <optional>
#include <utility>

namespace tenantry::query {
namespace {

using schema::ColumnType;

void append_value(std::string& out, const Column& column, const Cell& cell) {
    switch (column.type()) {
    case ColumnType::text:
    case ColumnType::uuid: append_json_string(out, cell.text); break;
    case ColumnType::json:
    case ColumnType::native:
    case ColumnType::text_array: out += cell.text; break;
    case ColumnType::timestamptz:
        out += '"';
        append_time(out, Timestamp{std::chrono::microseconds{cell.integer}}, 'T', "+00:00");
        out += '"';
        break;
    default: out += text_of(column, cell);
    }
}

/// What is wrong with a value that can't be told, if there is one.
using Fault = std::optional<Error>;

void append_recast(std::string& out, const Shape::Part& part, const Column& column,
                   const Cell& cell, Fault& fault) {
    const auto value = recast(column, part.path, *part.cast, cell);
    if (value && *value) return (*value)->append_json(out);
    out += "null";
    if (!value && !fault) fault = value.error();
}

void append_part(std::string& out, const Shape::Part& part, const Column& column, const Cell& cell,
                 Fault& fault) {
    if (cell.kind == Cell::Kind::null) {
        out += "null";
    } else if (part.cast) {
        append_recast(out, part, column, cell, fault);
    } else if (part.path) {
        const auto place = find_place(cell, *part.path);
        if (place.is_null()) {
            out += "null";
        } else if (part.path->as_text) {
            append_json_string(out, schema::text_of(place));
        } else {
            out += json_of(place);
        }
    } else {
        append_value(out, column, cell);
    }
}

/// A row, or that there is none: then all of it is null. `rows` also says what it consists of.
struct Place {
    const RowSet* rows;
    std::optional<std::size_t> row;
};

/// What is embedded in a row.
struct Range {
    const EmbeddedRows& embed;
    std::size_t begin = 0;
    std::size_t end = 0;

    Place first() const { return at(begin); }
    Place at(std::size_t row) const {
        return {&embed.rows, row < end ? std::optional{row} : std::nullopt};
    }
};

/// What members are called. Without rows, those that are columns.
std::vector<std::string_view> names_of(const Shape& shape, const RowSet* rows) {
    std::vector<std::string_view> out;
    out.reserve(shape.parts.size() + shape.nested.size());
    for (const auto& part : shape.parts) out.push_back(part.name);
    if (rows == nullptr) return out;
    for (const auto& nested : shape.nested) {
        const auto& embed = rows->embeds()[nested.embed];
        if (nested.spread) {
            const auto within = names_of(nested.shape, &embed.rows);
            out.insert(out.end(), within.begin(), within.end());
        } else {
            out.push_back(embed.name);
        }
    }
    return out;
}

Range range_of(const Place& place, std::size_t number) {
    const auto& embed = place.rows->embeds()[number];
    if (!place.row) return {embed};
    return {embed, *place.row == 0 ? 0 : embed.ends[*place.row - 1], embed.ends[*place.row]};
}

class RowWriter {
public:
    RowWriter(std::string& out, Nulls nulls) : out_{out}, nulls_{nulls} {}

    /// What couldn't be told; then what was written is no answer.
    const Fault& fault() const { return fault_; }

    /// Without rows even what is embedded is left out.
    void object(const Place& place, const Shape& shape) {
        const auto outer = std::exchange(separator_, '{');
        const auto& keys = keys_of(shape, place.rows);
        std::size_t next = 0;
        each_value(place, shape, [&](auto write) { member(keys[next++], [&] { write(); }); });
        if (separator_ == '{') out_ += '{';
        out_ += '}';
        separator_ = outer;
    }

    void array(const RowSet& rows, std::size_t begin, std::size_t end, const Shape& shape) {
        out_ += '[';
        for (auto row = begin; row < end; ++row) {
            if (row > begin) out_ += ',';
            object({&rows, row}, shape);
        }
        out_ += ']';
    }

    /// Calls `take` with what writes a value, for each member that the row is told with.
    template <class Take>
    void each_value(const Place& place, const Shape& shape, const Take& take) {
        for (const auto& part : shape.parts) take([&] { this->part(place, part); });
        if (place.rows == nullptr) return;
        for (const auto& nested : shape.nested) {
            if (nested.spread) {
                each_value_of(nested,
                              [&](const Write& write) { take([&] { write(*this, place); }); });
            } else {
                take([&] { embedded(place, nested); });
            }
        }
    }

    /// Writes what a row has of something embedded.
    using Write = std::function<void(RowWriter&, const Place&)>;

    /// The same of what `nested` is told with: spread, of one row its values and of many arrays of
    /// them; else the one that it is.
    static void each_value_of(const Shape::Nested& nested,
                              const std::function<void(const Write&)>& take) {
        if (!nested.spread)
            return take([&](RowWriter& writer, const Place& at) { writer.embedded(at, nested); });
        const auto lift = [&](const Write& within) {
            take([&](RowWriter& writer, const Place& place) {
                const auto range = range_of(place, nested.embed);
                if (range.embed.to_one) return within(writer, range.first());
                writer.out_ += '[';
                for (auto row = range.begin; row < range.end; ++row) {
                    if (row > range.begin) writer.out_ += ',';
                    within(writer, range.at(row));
                }
                writer.out_ += ']';
            });
        };
        for (const auto& part : nested.shape.parts)
            lift([&](RowWriter& writer, const Place& place) { writer.part(place, part); });
        for (const auto& inner : nested.shape.nested) each_value_of(inner, lift);
    }

private:
    void part(const Place& place, const Shape::Part& part) {
        if (!place.row) {
            out_ += "null";
            return;
        }
        append_part(out_, part, *place.rows->columns()[part.column],
                    place.rows->cell(*place.row, part.column), fault_);
    }

    void embedded(const Place& place, const Shape::Nested& nested) {
        const auto range = range_of(place, nested.embed);
        if (!range.embed.to_one && place.row) {
            array(range.embed.rows, range.begin, range.end, nested.shape);
        } else if (range.begin == range.end) {
            out_ += "null";
        } else {
            object(range.first(), nested.shape);
        }
    }

    /// `"name":` of each member, made once for all rows.
    const std::vector<std::string>& keys_of(const Shape& shape, const RowSet* rows) {
        const auto known = std::ranges::find_if(keys_, [&](const Keys& keys) {
            return keys.shape == &shape && keys.has_rows == (rows != nullptr);
        });
        if (known != keys_.end()) return known->texts;
        auto& made = keys_.emplace_back(Keys{&shape, rows != nullptr, {}});
        for (const auto name : names_of(shape, rows)) {
            append_json_string(made.texts.emplace_back(), name);
            made.texts.back() += ':';
        }
        return made.texts;
    }

    template <class WriteValue>
    void member(std::string_view key, const WriteValue& write) {
        const auto start = out_.size();
        const auto before = separator_;
        out_ += separator_;
        out_ += key;
        const auto value = out_.size();
        separator_ = ',';
        write();
        separator_ = ',';
        if (nulls_ == Nulls::told || out_.compare(value, std::string::npos, "null") != 0) return;
        out_.resize(start);
        separator_ = before;
    }

    struct Keys {
        const Shape* shape;
        bool has_rows;
        std::vector<std::string> texts;
    };

    std::string& out_;
    Nulls nulls_;
    Fault fault_{};
    char separator_ = '{';
    std::list<Keys> keys_;  // few
};

void append_csv_value(std::string& out, std::string_view value) {
    const bool plain =
        !value.empty() && value.find_first_of(" \t\n\v\f\r,\"\\()") == std::string::npos;
    if (plain) {
        out += value;
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') out += c;
        out += c;
    }
    out += '"';
}

/// A value as PostgreSQL writes it in a row; empty for null.
std::optional<std::string> csv_text(const Shape::Part& part, const Column& column, const Cell& cell,
                                    Fault& fault) {
    if (cell.kind == Cell::Kind::null) return std::nullopt;
    if (part.cast) {
        const auto value = recast(column, part.path, *part.cast, cell);
        if (!value && !fault) fault = value.error();
        if (!value || !*value) return std::nullopt;
        return (*value)->row_text();
    }
    if (part.path) {
        const auto place = find_place(cell, *part.path);
        if (place.is_null()) return std::nullopt;
        return part.path->as_text ? schema::text_of(place) : jsonb_text(json_of(place));
    }
    if (column.type() == ColumnType::boolean) return cell.integer != 0 ? "t" : "f";
    return text_of(column, cell);
}

class CsvWriter {
public:
    explicit CsvWriter(std::string& out) : out_{out} {}

    const Fault& fault() const { return fault_; }

    void line(const std::vector<std::string_view>& names) {
        for (const auto name : names) value(name);
    }

    void line(const Place& place, const Shape& shape) {
        out_ += '\n';
        separator_ = "";
        values(place, shape);
    }

private:
    void values(const Place& place, const Shape& shape) {
        for (const auto& part : shape.parts) {
            const auto& column = *place.rows->columns()[part.column];
            value(place.row
                      ? csv_text(part, column, place.rows->cell(*place.row, part.column), fault_)
                      : std::nullopt);
        }
        for (const auto& nested : shape.nested) {
            const auto range = range_of(place, nested.embed);
            if (nested.spread && range.embed.to_one) {
                values(range.first(), nested.shape);
            } else {
                json(place, nested);
            }
        }
    }

    void json(const Place& place, const Shape::Nested& nested) {
        std::string text;
        RowWriter writer{text, Nulls::told};
        writer.each_value_of(nested, [&](const RowWriter::Write& write) {
            text.clear();
            write(writer, place);
            value(text == "null" ? std::nullopt : std::optional<std::string_view>{text});
        });
        if (!fault_) fault_ = writer.fault();
    }

    void value(std::optional<std::string_view> text) {
        out_ += separator_;
        separator_ = ",";
        if (text) append_csv_value(out_, *text);
    }

    std::string& out_;
    const char* separator_ = "";
    Fault fault_{};
};

Result<void> outcome_of(const Fault& fault) {
    if (fault) return *fault;
    return {};
}

}  // namespace

Result<void> append_shaped_row(std::string& out, const RowSet& rows, std::size_t row,
                               const Shape& shape, Nulls nulls) {
    RowWriter writer{out, nulls};
    writer.object({&rows, row}, shape);
    return outcome_of(writer.fault());
}

void append_absent_row(std::string& out, const Shape& shape, Nulls nulls) {
    RowWriter{out, nulls}.object({}, shape);
}

Result<void> append_shaped_rows(std::string& out, const RowSet& rows, const Shape& shape,
                                Nulls nulls) {
    RowWriter writer{out, nulls};
    writer.array(rows, 0, rows.row_count(), shape);
    return outcome_of(writer.fault());
}

void append_first_value(std::string& out, const RowSet& rows, std::size_t row) {
    const auto cell = rows.cell(row, 0);
    if (cell.kind == Cell::Kind::null) {
        out += "null";
    } else {
        append_value(out, *rows.columns().front(), cell);
    }
}

Result<void> append_csv(std::string& out, const RowSet& rows, const Shape& shape) {
    if (rows.row_count() == 0) return {};
    CsvWriter writer{out};
    writer.line(names_of(shape, &rows));
    for (std::size_t row = 0; row < rows.row_count(); ++row) writer.line({&rows, row}, shape);
    return outcome_of(writer.fault());
}

}  // namespace tenantry::query
