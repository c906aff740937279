#include "feed/change.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <iterator>

namespace tenantry::feed {

std::string_view name_of(Op op) noexcept {
    switch (op) {
    case Op::insert: return "insert";
    case Op::update: return "update";
    case Op::delete_: return "delete";
    }
    std::abort();
}

std::size_t bytes_of(const Change& change) noexcept {
    return change.row.json.size() + change.old.json.size();
}

void append_json(std::string& out, const Change& change) {
    const auto image = [](const RowImage& row) -> std::string_view {
        return row.exists() ? std::string_view{row.json} : "null";
    };
    fmt::format_to(std::back_inserter(out), R"({{"seq":{},"relation":"{}","op":"{}","id":")",
                   change.seq, change.relation->name(), name_of(change.op));
    append_uuid(out, change.row_id);
    out += R"(","committed_at":")";
    append_timestamp(out, change.committed_at);
    fmt::format_to(std::back_inserter(out), R"(","row":{},"old":{}}})", image(change.row),
                   image(change.old));
}

}  // namespace tenantry::feed
