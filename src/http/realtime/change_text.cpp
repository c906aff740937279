#include "change_text.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <iterator>

namespace tenantry::http::realtime {
namespace {

std::string_view type_of(feed::Op op) noexcept {
    switch (op) {
    case feed::Op::insert: return "INSERT";
    case feed::Op::update: return "UPDATE";
    case feed::Op::delete_: return "DELETE";
    }
    std::abort();
}

void append_columns(std::string& out, const schema::Relation& relation, const Selection& selected) {
    char separator = '[';
    for (const auto& column : relation.columns()) {
        if (column.type() == schema::ColumnType::sealed) continue;
        if (!selected.empty() && !selected.contains(column.name())) continue;
        out += separator;
        fmt::format_to(std::back_inserter(out), R"({{"name":"{}","type":"{}"}})", column.name(),
                       postgres_type(column.type()));
        separator = ',';
    }
    if (separator == '[') out += '[';
    out += ']';
}

/// The end of the JSON value that begins at `at`: the comma or brace behind it.
std::size_t value_end(std::string_view json, std::size_t at) {
    int depth = 0;
    for (bool quoted = false; at < json.size(); ++at) {
        const char c = json[at];
        if (quoted) {
            if (c == '\\') ++at;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (depth == 0 && (c == ',' || c == '}')) {
            return at;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return json.size();
}

/// The selected members of a row's text, which has no white space and plain names.
void append_selected(std::string& out, std::string_view json, const Selection& selected) {
    char separator = '{';
    std::size_t at = 1;
    while (at < json.size() && json[at] == '"') {
        const auto end = value_end(json, at);
        const auto name = json.substr(at + 1, json.find('"', at + 1) - at - 1);
        if (selected.contains(name)) {
            (out += separator) += json.substr(at, end - at);
            separator = ',';
        }
        at = end + 1;
    }
    if (separator == '{') out += '{';
    out += '}';
}

void append_row(std::string& out, std::string_view member, const feed::RowImage& row,
                const Selection& selected) {
    if (!row.exists()) return;
    out += member;
    if (selected.empty()) {
        out += row.json;
    } else {
        append_selected(out, row.json, selected);
    }
}

}  // namespace

std::string_view postgres_type(schema::ColumnType type) noexcept {
    using enum schema::ColumnType;
    switch (type) {
    case text: return "text";
    case uuid: return "uuid";
    case integer: return "int8";
    case numeric: return "numeric";
    case boolean: return "bool";
    case timestamptz: return "timestamptz";
    case json: return "jsonb";
    case text_array: return "_text";
    case sealed: return "bytea";
    case native: break;  // of relations whose changes aren't recorded
    }
    std::abort();
}

std::string change_text(const feed::Change& change, std::string_view epoch,
                        const Selection& selected) {
    std::string out;
    out.reserve(512 + change.row.json.size() + change.old.json.size());
    fmt::format_to(std::back_inserter(out),
                   R"({{"schema":"public","table":"{}","commit_timestamp":")",
                   change.relation->name());
    append_timestamp(out, change.committed_at);
    fmt::format_to(std::back_inserter(out), R"(","type":"{}","columns":)", type_of(change.op));
    append_columns(out, *change.relation, selected);
    append_row(out, R"(,"record":)", change.row, selected);
    append_row(out, R"(,"old_record":)", change.old, selected);
    fmt::format_to(std::back_inserter(out), R"(,"errors":null,"seq":{},"cursor":"{}-{}"}})",
                   change.seq, epoch, change.seq);
    return out;
}

const std::string& ChangeTexts::of(const feed::ChangePtr& change, std::string_view epoch) {
    // Objects are 16 bytes apart at least; neighbours in memory are often neighbours in the feed.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const auto address = reinterpret_cast<std::uintptr_t>(change.get());
    auto& slot = slots_[(address >> 4U) * 0x9E3779B97F4A7C15U >> 54U];
    // The same owner is the same change: an address alone may be that of one that is gone.
    const bool known = !slot.change.owner_before(change) && !change.owner_before(slot.change);
    if (known) return slot.text;
    auto text = change_text(*change, epoch);
    if (text.size() > text_bytes_max) return long_text_ = std::move(text);
    slot.text = std::move(text);
    slot.change = change;
    return slot.text;
}

}  // namespace tenantry::http::realtime
