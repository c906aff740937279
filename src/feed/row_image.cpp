#include "row_image.hpp"

#include "engine/executor.hpp"
#include "query/render.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>

namespace tenantry::feed {
namespace {

using schema::Column;
using schema::ColumnType;
using schema::Value;

[[noreturn]] void malformed(std::string_view what) {
    throw engine::Fault{fmt::format("the record of changes can't be read: {}", what)};
}

/// The members of a JSON object, each as the text of its value, without building a tree. Of text
/// that is no JSON it finds something or throws, and never reads beyond the end.
class Members {
public:
    explicit Members(std::string_view text) : rest_{text} {
        blanks();
        if (take() != '{') malformed("no object");
    }

    /// False at the end.
    bool next(std::string_view& name, std::string_view& value) {
        blanks();
        if (peek() == '}') return false;
        if (!first_ && take() != ',') malformed("members without a comma");
        first_ = false;
        blanks();
        name = string();
        name = name.substr(1, name.size() - 2);
        blanks();
        if (take() != ':') malformed("a name without a value");
        blanks();
        value = any();
        return true;
    }

private:
    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    char take() {
        const char c = peek();
        rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
        return c;
    }
    void blanks() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    }

    std::string_view taken(std::size_t length) {
        const auto out = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return out;
    }

    /// Where the string that starts at `at` ends, its closing mark included.
    std::size_t end_of_string(std::size_t at) const {
        for (++at; at < rest_.size(); ++at) {
            if (rest_[at] == '"') return at + 1;
            if (rest_[at] == '\\') ++at;
        }
        malformed("a string without an end");
    }

    std::string_view string() {
        if (peek() != '"') malformed("no string");
        return taken(end_of_string(0));
    }

    std::string_view any() {
        if (peek() == '"') return string();
        if (peek() == '{' || peek() == '[') return nested();
        return taken(std::min(rest_.find_first_of(",}] \t\r\n"), rest_.size()));
    }

    std::string_view nested() {
        std::size_t depth = 0;
        for (std::size_t at = 0; at < rest_.size(); ++at) {
            const char c = rest_[at];
            if (c == '"') at = end_of_string(at) - 1;
            if (c == '{' || c == '[') ++depth;
            if ((c == '}' || c == ']') && --depth == 0) return taken(at + 1);
        }
        malformed("brackets that don't close");
    }

    std::string_view rest_;
    bool first_ = true;
};

bool is_integer(std::string_view text) {
    return text.find_first_of(".eE") == std::string_view::npos;
}

std::int64_t integer_of(const Column& column, std::string_view text) {
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end) malformed(column.name());
    return value;
}

/// What a JSON string says.
std::string text_of(const Column& column, std::string_view literal) {
    if (literal.size() < 2 || literal.front() != '"') malformed(column.name());
    const auto inner = literal.substr(1, literal.size() - 2);
    if (inner.find('\\') == std::string_view::npos) return std::string{inner};
    const auto read = schema::read_json(literal);
    if (!read || !read->is_string()) malformed(column.name());
    return std::string{read->get_string()};
}

template <class T>
T checked(const Column& column, Result<T> read) {
    if (!read) malformed(column.name());
    return std::move(*read);
}

Value array_of(const Column& column, std::string_view text) {
    const auto read = schema::read_json(text);
    if (!read || !read->is_array()) malformed(column.name());
    schema::TextArray elements;
    for (const auto& element : read->get_array()) {
        if (!element.is_string()) malformed(column.name());
        elements.emplace_back(element.get_string());
    }
    return elements;
}

Value value_of(const Column& column, std::string_view text) {
    if (text == "null") return schema::Null{};
    switch (column.type()) {
    case ColumnType::text: return text_of(column, text);
    case ColumnType::uuid:
        return checked(column, schema::parse_text(column, text_of(column, text)));
    case ColumnType::integer: return integer_of(column, text);
    case ColumnType::numeric:
        if (is_integer(text)) return Decimal{integer_of(column, text), column.options().scale};
        return checked(column, schema::parse_text(column, text));
    case ColumnType::boolean: return text == "true" || text == "1";
    case ColumnType::timestamptz:
        if (text.front() != '"')
            return Timestamp{std::chrono::microseconds{integer_of(column, text)}};
        return checked(column, parse_timestamp(text_of(column, text)));
    case ColumnType::json: return schema::Json{std::string{text}};
    case ColumnType::text_array: return array_of(column, text);
    case ColumnType::native:
    case ColumnType::sealed: break;
    }
    malformed(column.name());
}

}  // namespace

RowImage read_image(const schema::Relation& relation, const TenantId& tenant,
                    std::string_view text) {
    const auto columns = query::all_columns(relation);
    RowImage image{.values = std::vector<Value>(columns.size())};
    std::string_view name;
    std::string_view value;
    for (Members members{text}; members.next(name, value);) {
        const auto found = std::ranges::find(columns, name, &Column::name);
        // What isn't known was another version's.
        if (found != columns.end() && !value.empty())
            image.values[static_cast<std::size_t>(found - columns.begin())] =
                value_of(**found, value);
    }
    const auto own = std::ranges::find(columns, &relation.tenant_id());
    if (own != columns.end())
        image.values[static_cast<std::size_t>(own - columns.begin())] = tenant.text();

    query::RowSet rows{columns, columns.size()};
    for (const auto& each : image.values) query::append_value(rows, each);
    query::append_json_row(image.json, rows, 0);
    return image;
}

}  // namespace tenantry::feed
