#include "account_text.hpp"

#include "base/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tenantry::services {
namespace {

namespace json = boost::json;

Error refused(std::string message) { return fail(Errc::bad_value, std::move(message), "data"); }

Result<json::object> parse_metadata(std::string_view text) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 16;
    auto value = json::parse(text, error, {}, options);
    if (error || !value.is_object()) return refused("the user's data must be a JSON object");
    return std::move(value.get_object());
}

}  // namespace

Result<std::string> parse_address(std::string_view text) {
    if (!is_email(text))
        return fail(Errc::bad_value, "Unable to validate email address: invalid format", "email");
    return to_lower_ascii(text);
}

Result<std::string> merge_metadata(std::string_view metadata, std::string_view changes) {
    TENANTRY_TRY(merged, parse_metadata(metadata));
    TENANTRY_TRY(changed, parse_metadata(changes));
    for (auto& member : changed) {
        if (member.value().is_null()) {
            merged.erase(member.key());
        } else {
            merged[member.key()] = std::move(member.value());
        }
    }
    auto text = json::serialize(merged);
    if (text.size() > metadata_bytes_max)
        return refused("the user's data must have at most 4096 bytes of JSON");
    return text;
}

}  // namespace tenantry::services
