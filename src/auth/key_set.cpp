#include "auth/signing_keys.hpp"
#include "base/text.hpp"
#include "jwk.hpp"
#include "strict_json.hpp"

#include <algorithm>
#include <set>

namespace tenantry::auth {
namespace {

namespace json = boost::json;

Error refused(std::string message) { return fail(Errc::bad_configuration, std::move(message)); }

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= ForeignIssuer::name_bytes_max && is_clean_utf8(text);
}

/// Errors: bad_configuration.
Result<void> check(const ForeignIssuer& issuer) {
    // A bar ends the issuer's name in subjects, so that no two issuers share one.
    if (!is_name(issuer.issuer) || issuer.issuer.contains('|')) {
        return refused("an issuer must have a name (iss) of 1 to 1024 bytes without NUL and |");
    }
    if (!is_name(issuer.audience)) {
        return refused("an issuer must have an audience (aud) of 1 to 1024 bytes without NUL");
    }
    if (issuer.algorithms.empty() ||
        std::ranges::find(issuer.algorithms, Algorithm::hs256) != issuer.algorithms.end()) {
        return refused("an issuer must have algorithms, of ES256, RS256 and EdDSA");
    }
    if (!issuer.tenant_claim.empty() && !is_name(issuer.tenant_claim)) {
        return refused("the claim of the tenant must have at most 1024 bytes without NUL");
    }
    return {};
}

}  // namespace

Result<std::vector<PublicKey>> parse_jwks(std::string_view text) {
    if (text.size() > jwks_bytes_max) return refused("the key set has more than 64 KiB");
    const auto object = parse_unambiguous_object(text);
    if (!object) return refused("the key set is not a JSON object with distinct names");
    const auto* member = object->if_contains("keys");
    const auto* list = member == nullptr ? nullptr : member->if_array();
    if (list == nullptr) return refused("the key set has no list of keys (keys)");
    if (list->size() > jwks_keys_max) return refused("the key set has more than 64 keys");

    std::vector<PublicKey> keys;
    std::set<std::string, std::less<>> kids;
    for (const json::value& entry : *list) {
        const auto* jwk = entry.if_object();
        if (jwk == nullptr) return refused("the key set has a key that is not an object");
        TENANTRY_TRY(key, JwkReader::read(*jwk));
        if (!key) continue;
        if (!key->kid().empty() && !kids.insert(key->kid()).second) {
            return refused("the key set has two keys of one name (kid)");
        }
        keys.push_back(std::move(*key));
    }
    return keys;
}

std::string print_jwks(std::span<const OwnKey> keys, Timestamp now) {
    std::string out = R"({"keys":[)";
    bool first = true;
    for (const OwnKey& own : keys) {
        if (own.until && now >= *own.until) continue;
        if (!first) out += ',';
        first = false;
        out += own.key.jwk();
    }
    out += "]}";
    return out;
}

Result<KeySet> KeySet::make(std::vector<OwnKey> own, std::vector<ForeignIssuer> foreign) {
    if (own.size() > own_keys_max) return refused("the server may have at most 64 keys");
    if (foreign.size() > issuers_max) return refused("at most 64 issuers can be trusted");
    std::set<std::string_view> kids;
    for (const OwnKey& key : own) {
        if (key.key.algorithm() != Algorithm::es256 || key.key.kid().empty()) {
            return refused("the server's own keys must be for ES256 and have a name (kid)");
        }
        if (!kids.insert(key.key.kid()).second) {
            return refused("two of the server's keys have one name (kid)");
        }
    }
    std::set<std::string_view> issuers;
    for (const ForeignIssuer& issuer : foreign) {
        TENANTRY_TRY_VOID(check(issuer));
        if (!issuers.insert(issuer.issuer).second) return refused("an issuer stands there twice");
    }
    return KeySet{std::move(own), std::move(foreign)};
}

}  // namespace tenantry::auth
