#include "render.hpp"

#include "base/text.hpp"
#include "conditions.hpp"
#include "query/render.hpp"
#include "schema/value.hpp"

#include <fmt/format.h>

#include <iterator>

namespace tenantry::http {
namespace {

constexpr std::size_t row_bytes_guess = 768;

}  // namespace

Response one_row(const query::RowSet& rows) {
    Response response;
    response.body.reserve(row_bytes_guess);
    query::append_json_row(response.body, rows, 0);
    add_header(response, "etag", entity_tag(rows, 0));
    return response;
}

Response created_row(const query::RowSet& rows, std::string_view collection) {
    auto response = one_row(rows);
    response.status = Status::created;
    if (!collection.empty()) {
        add_header(response, "location",
                   std::string{collection} + schema::to_text(rows.value(0, "id")));
    }
    return response;
}

Response page_of(std::string_view name, const services::Page& page) {
    Response response;
    auto& out = response.body;
    out.reserve(128 + page.rows.row_count() * row_bytes_guess);
    fmt::format_to(std::back_inserter(out), "{{\"{}\":", name);
    query::append_json_rows(out, page.rows);
    fmt::format_to(std::back_inserter(out), ",\"total\":{},\"next\":", page.total);
    if (page.next) {
        append_json_string(out, *page.next);
    } else {
        out += "null";
    }
    out += '}';
    return response;
}

Response nothing() { return Response{.status = Status::no_content}; }

}  // namespace tenantry::http
