#include "base/text.hpp"
#include "jwk.hpp"
#include "strict_json.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

namespace tenantry::auth {
namespace {

void wipe(std::string& bytes) noexcept { OPENSSL_cleanse(bytes.data(), bytes.size()); }

Error unusable() {
    return fail(Errc::bad_configuration,
                "the signing key is not a private JSON Web Key of P-256 for ES256");
}

bool says(const boost::json::object& jwk, std::string_view name, std::string_view text) {
    const auto* value = jwk.if_contains(name);
    return value != nullptr && value->is_string() && value->get_string() == text;
}

}  // namespace

/// OpenSSL wipes the private half when it frees it.
struct SigningKeyPair::Impl {
    PkeyHandle key;
    PublicKey public_key;
};

SigningKeyPair::SigningKeyPair(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}
SigningKeyPair::SigningKeyPair(SigningKeyPair&& other) noexcept = default;
SigningKeyPair& SigningKeyPair::operator=(SigningKeyPair&& other) noexcept = default;
SigningKeyPair::~SigningKeyPair() = default;

SigningKeyPair SigningKeyPair::make() {
    PkeyHandle key = p256_random();
    PublicKey half = JwkReader::p256(p256_number(key.get(), OSSL_PKEY_PARAM_EC_PUB_X),
                                     p256_number(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y));
    return SigningKeyPair{std::make_unique<Impl>(std::move(key), std::move(half))};
}

Result<SigningKeyPair> SigningKeyPair::from_private_jwk(std::string_view text) {
    if (text.size() > jwks_bytes_max) return unusable();
    auto jwk = parse_unambiguous_object(text);
    if (!jwk) return unusable();
    const auto x = jwk_bytes(*jwk, "x");
    const auto y = jwk_bytes(*jwk, "y");
    auto d = jwk_bytes(*jwk, "d");
    const bool fits = says(*jwk, "kty", "EC") && says(*jwk, "crv", "P-256") &&
                      jwk_allows(*jwk, Algorithm::es256, "sign");
    auto key = fits && x && y && d ? p256_pair(*x, *y, *d) : nullptr;
    if (d) {
        wipe(*d);
        auto& parsed = jwk->at("d").get_string();
        OPENSSL_cleanse(parsed.data(), parsed.size());
    }
    if (!key) return unusable();
    return SigningKeyPair{std::make_unique<Impl>(std::move(key), JwkReader::p256(*x, *y))};
}

std::string SigningKeyPair::private_jwk() const {
    const auto* key = impl_->key.get();
    std::string secret = p256_number(key, OSSL_PKEY_PARAM_PRIV_KEY);
    std::string encoded = encode_base64url(secret);
    wipe(secret);
    std::string out;
    out.reserve(512);  // so that no copy is left behind when it grows
    out += R"({"kty":"EC","crv":"P-256","x":")";
    out += encode_base64url(p256_number(key, OSSL_PKEY_PARAM_EC_PUB_X));
    out += R"(","y":")";
    out += encode_base64url(p256_number(key, OSSL_PKEY_PARAM_EC_PUB_Y));
    out += R"(","d":")";
    out += encoded;
    wipe(encoded);
    out += R"(","kid":")" + kid();  // base64url
    out += R"(","alg":"ES256","use":"sig","key_ops":["sign","verify"]})";
    return out;
}

const PublicKey& SigningKeyPair::public_key() const noexcept { return impl_->public_key; }

std::string SigningKeyPair::sign(std::string_view payload) const {
    std::string token = encode_base64url(R"({"alg":"ES256","kid":")" + kid() + R"(","typ":"JWT"})");
    token += '.';
    token += encode_base64url(payload);
    const std::string signature = sign_es256(impl_->key.get(), token);
    token += '.';
    token += encode_base64url(signature);
    return token;
}

}  // namespace tenantry::auth
