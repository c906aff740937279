// GET and HEAD of rows.

#include "base/limits.hpp"
#include "base/text.hpp"
#include "rest/asked.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenantry::http::rest {
namespace {

struct Range {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> last{};
};

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// `0-9`, `10-`. What is none is no range, as of any server that doesn't know a unit
/// (RFC 9110 §14.2).
std::optional<Range> range_in(std::string_view text) {
    if (const auto unit = text.find('='); unit != std::string_view::npos)
        text.remove_prefix(unit + 1);
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = number_in(trim(text.substr(0, dash)));
    const auto rest = trim(text.substr(dash + 1));
    const auto last = number_in(rest);
    if (!first || (!last && !rest.empty())) return std::nullopt;
    return Range{*first, last};
}

Response unsatisfiable(std::string_view details, std::optional<std::int64_t> total = {}) {
    auto response = refusal(Status::range_not_satisfiable, "PGRST103",
                            "Requested range not satisfiable", details);
    if (total) add_header(response, "content-range", fmt::format("*/{}", *total));
    return response;
}

/// Narrows the read to the rows that both its parameters and the header mean. False if there can't
/// be any.
bool narrow(query::Read& read, const Range& range) {
    if (read.limit == 0U) return true;
    const auto first = std::max(read.offset, range.first);
    auto until = first + limits::page_rows_max;
    if (read.limit) until = std::min(until, read.offset + *read.limit);
    if (range.last) until = std::min(until, *range.last + 1);
    if (until <= first) return false;
    read.offset = first;
    read.limit = static_cast<std::uint32_t>(until - first);
    return true;
}

}  // namespace

std::optional<Response> narrow_to_range(const Call& call, query::Read& read) {
    // RFC 9110 §14.2: of GET alone.
    const auto range =
        call.request.method == Method::get ? range_in(call.request.range) : std::nullopt;
    const bool is_page = !(read.limit == 0U && read.offset > 0);
    if (is_page && (!range || narrow(read, *range))) return std::nullopt;
    return unsatisfiable("The Range header, limit and offset have no row in common.");
}

Response tell_range(const Call& call, const Asked& asked, Response response, std::size_t rows,
                    std::optional<std::int64_t> total) {
    const auto& read = asked.read.read;
    const auto offset = static_cast<std::int64_t>(read.offset);
    if (total && offset > *total) {
        return unsatisfiable(fmt::format("An offset of {} was requested, but there are only {} "
                                         "rows.",
                                         offset, *total),
                             total);
    }
    if (total && static_cast<std::int64_t>(rows) < *total)
        response.status = Status::partial_content;
    add_header(response, "content-range", content_range(read.offset, rows, total));
    const std::string_view target = call.request.target;
    add_header(response, "content-location",
               target.substr(std::min(target.find("/rest/v1") + 8, target.size())));
    tell_preferences(asked, response);
    return response;
}

Answer read(const Call& call) {
    auto understood = understand(call);
    if (!understood) co_return understood.error();
    if (auto* refused = std::get_if<Response>(&*understood)) co_return std::move(*refused);
    auto& asked = std::get<Asked>(*understood);
    auto& read = asked.read.read;
    if (auto refused = narrow_to_range(call, read)) co_return std::move(*refused);
    read.count = asked.preferences.count;
    auto reply = co_await call.app.manager.read_rows(read, call.scope, call.deadline);
    if (!reply) co_return reply.error();
    const auto rows = reply->rows.row_count();
    if (asked.wants_object() && rows != 1) co_return not_one(rows);
    const auto total = asked.preferences.count ? reply->total : std::nullopt;
    auto response = rows_answer(asked, reply->rows);
    if (!response) co_return response.error();
    co_return tell_range(call, asked, std::move(*response), rows, total);
}

Answer root(const Call&) { co_return no_root(); }

}  // namespace tenantry::http::rest
