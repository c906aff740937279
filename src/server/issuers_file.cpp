#include "server/issuers_file.hpp"

#include "https_get.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace tenantry::server {
namespace {

namespace json = boost::json;

constexpr std::size_t file_bytes_max = 1UL << 20;

Error bad(std::size_t index, std::string_view why) {
    return fail(Errc::bad_configuration, fmt::format("issuers[{}]: {}", index, why));
}

class IssuerReader {
public:
    IssuerReader(const json::object& object, std::size_t index) : object_{object}, index_{index} {}

    Result<ConfiguredIssuer> read(const std::filesystem::path& folder) {
        TENANTRY_TRY_VOID(check_names());
        ConfiguredIssuer out;
        TENANTRY_TRY(issuer, text("issuer"));
        TENANTRY_TRY(audience, text("audience"));
        if (!issuer || !audience) return bad(index_, "issuer and audience are required");
        out.issuer.issuer = std::move(*issuer);
        out.issuer.audience = std::move(*audience);
        TENANTRY_TRY(claim, text("tenant_claim"));
        out.issuer.tenant_claim = claim.value_or("");
        TENANTRY_TRY_VOID(read_algorithms(out.issuer));
        TENANTRY_TRY(url, text("jwks_url"));
        TENANTRY_TRY(file, text("jwks_file"));
        if (url.has_value() == file.has_value())
            return bad(index_, "one of jwks_url and jwks_file says where its keys are");
        if (file) out.jwks_file = folder / *file;
        if (url) {
            if (const auto fine = check_fetch_url(*url); !fine)
                return bad(index_, fmt::format("jwks_url {}", fine.error().message));
            out.jwks_url = std::move(*url);
        }
        return out;
    }

private:
    Result<void> check_names() const {
        constexpr std::array<std::string_view, 6> known{"issuer",       "audience", "algorithms",
                                                        "tenant_claim", "jwks_url", "jwks_file"};
        for (const auto& member : object_) {
            if (std::ranges::find(known, std::string_view{member.key()}) == known.end())
                return bad(index_,
                           fmt::format("there is no member {}", std::string_view{member.key()}));
        }
        return {};
    }

    Result<std::optional<std::string>> text(std::string_view name) const {
        const auto* value = object_.if_contains(name);
        if (value == nullptr) return std::optional<std::string>{};
        if (!value->is_string() || value->get_string().empty())
            return bad(index_, fmt::format("{} must be a text", name));
        return std::optional{std::string{value->get_string()}};
    }

    Result<void> read_algorithms(auth::ForeignIssuer& into) const {
        const auto* list = object_.if_contains("algorithms");
        if (list == nullptr || !list->is_array() || list->get_array().empty())
            return bad(index_, "algorithms must be a list of ES256, RS256, EdDSA");
        for (const auto& each : list->get_array()) {
            const auto algorithm = each.is_string() ? auth::parse_algorithm(each.get_string())
                                                    : std::optional<auth::Algorithm>{};
            if (!algorithm || *algorithm == auth::Algorithm::hs256)
                return bad(index_, "algorithms must be a list of ES256, RS256, EdDSA");
            into.algorithms.push_back(*algorithm);
        }
        return {};
    }

    const json::object& object_;
    std::size_t index_;
};

}  // namespace

Result<std::vector<ConfiguredIssuer>> parse_issuers(std::string_view text,
                                                    const std::filesystem::path& folder) {
    boost::system::error_code error;
    const auto value = json::parse(text, error);
    const auto* object = error ? nullptr : value.if_object();
    const auto* list = object == nullptr ? nullptr : object->if_contains("issuers");
    if (list == nullptr || !list->is_array() || object->size() != 1)
        return fail(Errc::bad_configuration, "this is no JSON {\"issuers\":[…]}");
    std::vector<ConfiguredIssuer> out;
    for (const auto& each : list->get_array()) {
        if (!each.is_object()) return bad(out.size(), "it must be an object");
        TENANTRY_TRY(issuer, (IssuerReader{each.get_object(), out.size()}.read(folder)));
        out.push_back(std::move(issuer));
    }
    // What a set of them has to keep to besides.
    std::vector<auth::ForeignIssuer> all;
    all.reserve(out.size());
    for (const auto& each : out) all.push_back(each.issuer);
    TENANTRY_TRY_VOID(auth::KeySet::make({}, std::move(all)));
    return out;
}

Result<std::vector<ConfiguredIssuer>> read_issuers_file(const std::filesystem::path& path) {
    const auto refused = [&](std::string_view why) {
        return fail(Errc::bad_configuration, fmt::format("{}: {}", path.string(), why));
    };
    std::ifstream file{path, std::ios::binary};
    std::stringstream text;
    if (file) text << file.rdbuf();
    if (!file) return refused("the file can't be read");
    if (text.view().size() > file_bytes_max) return refused("the file is larger than 1 MiB");
    auto issuers = parse_issuers(text.view(), path.parent_path());
    if (!issuers) return refused(issuers.error().message);
    return issuers;
}

}  // namespace tenantry::server
