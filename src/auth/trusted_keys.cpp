#include "trusted_keys.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace tenantry::auth {
namespace {

Error refused(std::string message) { return fail(Errc::token_invalid, std::move(message)); }

Error unknown_key() {
    return refused("The token is signed by a key that this server doesn't trust");
}

Result<std::string> decode_payload(const CompactJws& jws) {
    std::string payload;
    if (decode_base64url(jws.payload, payload)) return payload;
    return refused("The token's claims are not base64url");
}

/// Errors: token_invalid unless the signature is the key's, by the algorithm that the token names.
Result<void> check_signature(const PublicKey& key, const CompactJws& jws, const JwsHeader& header) {
    std::string signature;
    if (key.algorithm() != header.algorithm || !decode_base64url(jws.signature, signature) ||
        !key.verifies(jws.signed_text(), signature)) {
        return refused("The token's signature is not by the key that it names");
    }
    return {};
}

const OwnKey* find_own(const KeySet& keys, const JwsHeader& header) {
    if (!header.kid) return nullptr;
    const auto& own = keys.own();
    const auto found = std::ranges::find_if(
        own, [&](const OwnKey& listed) { return listed.key.kid() == *header.kid; });
    return found == own.end() ? nullptr : &*found;
}

const ForeignIssuer* find_issuer(const KeySet& keys, std::string_view payload) {
    const auto& foreign = keys.foreign();
    if (foreign.empty()) return nullptr;
    const auto name = peek_issuer(payload);
    if (!name) return nullptr;
    const auto found = std::ranges::find(foreign, *name, &ForeignIssuer::issuer);
    return found == foreign.end() ? nullptr : &*found;
}

/// By its name, or, for a token that names none, the only one of the algorithm.
const PublicKey* find_key(const ForeignIssuer& issuer, const JwsHeader& header) {
    const PublicKey* found = nullptr;
    for (const PublicKey& key : issuer.keys) {
        const bool fits =
            key.algorithm() == header.algorithm && (!header.kid || key.kid() == *header.kid);
        if (!fits) continue;
        if (found != nullptr) return nullptr;
        found = &key;
    }
    return found;
}

}  // namespace

Error key_is_gone() { return refused("The key that signed the token is no longer trusted"); }

Result<TimedClaims> TrustedKeys::read(const CompactJws& jws, const JwsHeader& header,
                                      Timestamp now) const {
    if (const OwnKey* own = find_own(keys_, header)) {
        if (own->until && now >= *own->until) return key_is_gone();
        TENANTRY_TRY_VOID(check_signature(own->key, jws, header));
        TENANTRY_TRY(payload, decode_payload(jws));
        TENANTRY_TRY(timed, parse_claims(payload));
        timed.generation = generation_;
        timed.key_until = own->until.value_or(Timestamp::max());
        return timed;
    }
    TENANTRY_TRY(payload, decode_payload(jws));
    const ForeignIssuer* issuer = find_issuer(keys_, payload);
    if (issuer == nullptr) return unknown_key();
    if (std::ranges::find(issuer->algorithms, header.algorithm) == issuer->algorithms.end()) {
        return refused("The token's issuer is not trusted to sign with this algorithm");
    }
    const PublicKey* key = find_key(*issuer, header);
    if (key == nullptr) return unknown_key();
    TENANTRY_TRY_VOID(check_signature(*key, jws, header));
    TENANTRY_TRY(timed, parse_foreign_claims(payload, *issuer));
    timed.generation = generation_;
    return timed;
}

}  // namespace tenantry::auth
