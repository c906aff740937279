#include "rest/asked.hpp"

#include "abridged.hpp"
#include "query/cast.hpp"
#include "query/plan.hpp"
#include "rest/rows_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenantry::http::rest {
namespace {

constexpr std::string_view schema_name = "public";
constexpr std::array<std::string_view, 2> not_of_reads{"columns", "on_conflict"};

std::string_view query_of(const Request& request) {
    const std::string_view target = request.target;
    const auto mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

std::optional<Response> check_profile(const Request& request) {
    const bool reads = request.method == Method::get || request.method == Method::head;
    const auto& profile = reads ? request.accept_profile : request.content_profile;
    if (profile.empty() || profile == schema_name) return std::nullopt;
    return refusal(Status::not_acceptable, "PGRST106", "Invalid schema: it is not exposed",
                   "Only the following schemas are exposed: public");
}

std::variant<const query::Relation*, Response> find_relation(const schema::Catalog& catalog,
                                                             std::string_view name) {
    const auto* relation = catalog.find(name);
    if (relation != nullptr && !relation->internal()) return relation;
    return refusal(
        Status::not_found, "PGRST205",
        fmt::format("Could not find the table 'public.{}' in the schema cache", abridged(name)));
}

}  // namespace

using Outcome = std::variant<Asked, Response>;

Result<Outcome> understand(const Call& call) {
    if (call.id.empty()) return Outcome{no_root()};
    auto catalog = call.app.catalog.get();
    auto relation = find_relation(*catalog, call.id);
    if (auto* refused = std::get_if<Response>(&relation)) {
        if (auto sooner = check_profile(call.request)) return Outcome{std::move(*sooner)};
        return Outcome{std::move(*refused)};
    }
    const auto& found = *std::get<const query::Relation*>(relation);
    const auto method = call.request.method;
    const bool reads = method == Method::get || method == Method::head;
    if (!reads) TENANTRY_TRY_VOID(query::check_writable(found));
    TENANTRY_TRY(out, understand(call, std::move(catalog), found, not_of_reads));
    const auto* asked = std::get_if<Asked>(&out);
    if (asked == nullptr || reads) return std::move(out);
    if (asked->read.read.only_count) {
        return fail(Errc::bad_query, "what is written is counted by Prefer: count=exact, not so",
                    "select");
    }
    TENANTRY_TRY_VOID(check_told(*asked));
    return std::move(out);
}

Result<void> check_told(const Asked& asked) {
    if (!query::may_fail(asked.read)) return {};
    return fail(
        Errc::bad_query,
        "a write isn't answered with a cast that not every value has: cast it when you read "
        "it, or to text",
        "select");
}

Result<Outcome> understand(const Call& call, std::shared_ptr<const schema::Catalog> catalog,
                           const query::Relation& relation,
                           std::span<const std::string_view> others) {
    if (auto refused = check_profile(call.request)) return Outcome{std::move(*refused)};
    const auto media = Media::parse(call.request.accept);
    if (!media) {
        return Outcome{
            refusal(Status::not_acceptable, "PGRST107",
                    "None of these media types are available: " + abridged(call.request.accept))};
    }
    Asked out{.catalog = std::move(catalog),
              .relation = &relation,
              .media = *media,
              .read = {query::Read{nullptr}, {}}};
    TENANTRY_TRY(preferences, Preferences::parse(call.request.prefer));
    out.preferences = std::move(preferences);
    TENANTRY_TRY(read,
                 query::parse_request(*out.catalog, *out.relation, query_of(call.request), others));
    out.read = std::move(read);
    if (const auto* columns = call.target.find("columns")) {
        TENANTRY_TRY(names, parse_names(*columns, "columns"));
        out.columns = std::move(names);
    }
    if (const auto* key = call.target.find("on_conflict")) out.on_conflict = *key;
    return Outcome{std::move(out)};
}

Result<Response> rows_answer(const Asked& asked, const query::RowSet& rows,
                             const std::optional<std::vector<std::size_t>>& order) {
    Response response;
    response.content_type = asked.media.content_type();
    auto& out = response.body;
    const auto& [form, nulls] = asked.media;
    switch (form) {
    case Media::Form::array:
        if (!order) {
            TENANTRY_TRY_VOID(query::append_shaped_rows(out, rows, asked.read.shape, nulls));
            break;
        }
        out = "[";
        for (const auto row : *order) {
            if (out.size() > 1) out += ',';
            TENANTRY_TRY_VOID(query::append_shaped_row(out, rows, row, asked.read.shape, nulls));
        }
        out += ']';
        break;
    case Media::Form::object:
        TENANTRY_TRY_VOID(query::append_shaped_row(out, rows, 0, asked.read.shape, nulls));
        break;
    case Media::Form::csv: TENANTRY_TRY_VOID(query::append_csv(out, rows, asked.read.shape)); break;
    }
    return response;
}

Response no_root() {
    return refusal(Status::not_found, "PGRST126",
                   "Root endpoint metadata is disabled; /openapi.json describes the rest of this "
                   "server");
}

Response not_one(std::size_t rows) {
    return refusal(Status::not_acceptable, "PGRST116",
                   "JSON object requested, multiple (or no) rows returned",
                   fmt::format("The result contains {} rows", rows));
}

std::string content_range(std::uint64_t offset, std::size_t rows,
                          std::optional<std::int64_t> total) {
    const auto whole = total ? fmt::to_string(*total) : "*";
    if (rows == 0 || total == 0) return "*/" + whole;
    return fmt::format("{}-{}/{}", offset, offset + rows - 1, whole);
}

void tell_preferences(const Asked& asked, Response& response) {
    const auto& applied = asked.preferences.applied;
    if (!applied.empty()) add_header(response, "preference-applied", applied);
}

}  // namespace tenantry::http::rest
