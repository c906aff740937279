// Any bytes as keys: a JWK Set, one public key, a private one. What is read must be written and
// read again as the same, and takes nothing for its signature.

#include "auth/signing_keys.hpp"
#include "base/text.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tenantry;

constexpr Timestamp now{std::chrono::seconds{1'767'225'600}};

void require(bool holds) {
    if (!holds) std::abort();
}

void check_error(const Error& error) {
    require(error.code == Errc::bad_configuration);
    require(is_clean_utf8(error.message));
}

void check(const auth::PublicKey& key, std::string_view input) {
    require(key.algorithm() != auth::Algorithm::hs256);
    require(key.kid().size() <= auth::PublicKey::kid_bytes_max && is_clean_utf8(key.kid()));
    require(key.thumbprint().size() == 43);
    const auto again = auth::PublicKey::parse(key.jwk());
    require(again && *again == key && again->thumbprint() == key.thumbprint());
    require(!key.verifies("text", input));
    require(!key.verifies("text", std::string(64, '\x01')));
}

void check_set(std::string_view input) {
    const auto keys = auth::parse_jwks(input);
    if (!keys) return check_error(keys.error());
    require(keys->size() <= auth::jwks_keys_max);
    std::vector<auth::OwnKey> all;
    for (const auto& key : *keys) {
        check(key, input);
        all.push_back({.key = key});
    }
    const auto text = auth::print_jwks(all, now);
    // Written, a key may be longer than what it was read from.
    if (text.size() > auth::jwks_bytes_max) return;
    require(auth::parse_jwks(text).value() == *keys);
}

void check_private(std::string_view input) {
    const auto pair = auth::SigningKeyPair::from_private_jwk(input);
    if (!pair) return check_error(pair.error());
    const auto again = auth::SigningKeyPair::from_private_jwk(pair->private_jwk());
    require(again && again->public_key() == pair->public_key());
    require(pair->kid() == pair->public_key().thumbprint());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    check_set(input);
    if (const auto key = auth::PublicKey::parse(input)) {
        check(*key, input);
    } else {
        check_error(key.error());
    }
    check_private(input);
    return 0;
}
