#pragma once
/// What operators' handlers share: paging, ids of paths, and records as answers.

#include "operator_routes.hpp"
#include "services/records_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry::http::admin {

/// `limit`, with the bounds and the default of every list.
inline Result<std::size_t> page_size(const Target& target) {
    const auto* text = target.find("limit");
    if (text == nullptr) return std::size_t{services::PageSize{}.rows()};
    TENANTRY_TRY(size, services::PageSize::parse(*text));
    return std::size_t{size.rows()};
}

/// `limit` and `after`; one more is asked for than is shown, to know whether there is a next page.
inline Result<engine::Range> parse_range(const Target& target) {
    TENANTRY_TRY(limit, page_size(target));
    engine::Range range{.limit = limit + 1};
    if (const auto* after = target.find("after")) range.after = *after;
    return range;
}

inline Result<TenantId> path_tenant(const OperatorCall& call) {
    auto id = TenantId::parse(call.ids.front());
    if (!id) return fail(Errc::bad_id, "the id in the path is not a tenant id", "id");
    return id;
}

inline Response object(const boost::json::object& json, Status status = Status::ok) {
    return Response{.status = status, .body = boost::json::serialize(json)};
}

inline Response created(const boost::json::object& json, std::string_view location) {
    auto response = object(json, Status::created);
    add_header(response, "location", location);
    return response;
}

/// `{"<name>": records, "next": what to go on after, or null}`. `asked` is one more than the page
/// holds, `key_of` what the list is ordered by.
template <class Record, class KeyOf>
Response list_of(std::string_view name, const std::vector<Record>& records, std::size_t asked,
                 KeyOf key_of) {
    const bool more = records.size() >= asked;
    const auto shown = more ? asked - 1 : records.size();
    boost::json::array array;
    for (std::size_t at = 0; at < shown; ++at) array.push_back(services::to_json(records[at]));
    boost::json::object json;
    json[name] = std::move(array);
    json["next"] = more ? boost::json::value(key_of(records[shown - 1])) : nullptr;
    return object(json);
}

}  // namespace tenantry::http::admin
