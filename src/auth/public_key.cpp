#include "base/text.hpp"
#include "jwk.hpp"
#include "strict_json.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <utility>

namespace tenantry::auth {
namespace {

namespace json = boost::json;

constexpr std::size_t rsa_bits_min = 2048;
constexpr std::size_t rsa_bits_max = 8192;

Error refused(std::string message) { return fail(Errc::bad_configuration, std::move(message)); }

Error malformed(Algorithm algorithm) {
    return refused("a key for " + std::string{name_of(algorithm)} +
                   " is not what it says: members are missing or don't make a key");
}

/// The text of the member `name`; empty if it is none.
std::string_view text_of(const json::object& jwk, std::string_view name) {
    const auto* value = jwk.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return value->get_string();
}

/// What signs by this kind of key; nullopt for kinds that aren't known.
std::optional<Algorithm> algorithm_of(const json::object& jwk) {
    const auto kty = text_of(jwk, "kty");
    const auto crv = text_of(jwk, "crv");
    if (kty == "EC" && crv == "P-256") return Algorithm::es256;
    if (kty == "OKP" && crv == "Ed25519") return Algorithm::eddsa;
    if (kty == "RSA") return Algorithm::rs256;
    return std::nullopt;
}

/// Some publishers write a zero in front, as ASN.1 wants it.
std::string_view without_leading_zeros(std::string_view number) {
    number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size()));
    return number;
}

std::size_t bits_of(std::string_view number) {
    if (number.empty()) return 0;
    const auto first = static_cast<unsigned char>(number.front());
    return (number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(first));
}

/// What the thumbprint is taken of: the members that make the key, sorted by name (RFC 7638 §3.2,
/// RFC 8037 §2). All are ASCII without anything to escape.
struct Members {
    std::string sorted;  // without the braces
    std::string listed;  // the same, as one writes them
};

Members ec_members(std::string_view x, std::string_view y) {
    const auto point = R"("x":")" + encode_base64url(x) + R"(","y":")" + encode_base64url(y) + '"';
    return {R"("crv":"P-256","kty":"EC",)" + point, R"("kty":"EC","crv":"P-256",)" + point};
}

Members rsa_members(std::string_view n, std::string_view e) {
    const auto exponent = R"("e":")" + encode_base64url(e) + '"';
    const auto modulus = R"("n":")" + encode_base64url(n) + '"';
    return {exponent + R"(,"kty":"RSA",)" + modulus, R"("kty":"RSA",)" + modulus + ',' + exponent};
}

Members okp_members(std::string_view x) {
    const auto point = R"("x":")" + encode_base64url(x) + '"';
    return {R"("crv":"Ed25519","kty":"OKP",)" + point, R"("kty":"OKP","crv":"Ed25519",)" + point};
}

/// Without `kid` the key is named by its thumbprint; by an empty one not at all.
KeyParts complete(Algorithm algorithm, std::optional<std::string> kid, const Members& members,
                  PkeyHandle key) {
    auto thumbprint = encode_base64url(digest_of('{' + members.sorted + '}'));
    std::string name = kid ? std::move(*kid) : thumbprint;
    std::string jwk = '{' + members.listed;
    if (!name.empty()) {
        jwk += R"(,"kid":)";
        append_json_string(jwk, name);
    }
    jwk += R"(,"alg":")" + std::string{name_of(algorithm)} + R"(","use":"sig",)";
    jwk += R"("key_ops":["verify"]})";
    return {.algorithm = algorithm,
            .kid = std::move(name),
            .thumbprint = std::move(thumbprint),
            .jwk = std::move(jwk),
            .key = std::move(key)};
}

/// Empty if there is none. Errors: bad_configuration.
Result<std::string> read_kid(const json::object& jwk) {
    if (!jwk.contains("kid")) return std::string{};
    const auto kid = text_of(jwk, "kid");
    if (kid.empty() || kid.size() > PublicKey::kid_bytes_max || !is_clean_utf8(kid)) {
        return refused("a key's name (kid) must be a string of 1 to 255 bytes, none of them NUL");
    }
    return std::string{kid};
}

using Read = Result<std::optional<KeyParts>>;

Read read_ec(const json::object& jwk, std::string kid) {
    const auto x = jwk_bytes(jwk, "x");
    const auto y = jwk_bytes(jwk, "y");
    auto key = x && y ? p256_public(*x, *y) : nullptr;
    if (!key) return malformed(Algorithm::es256);
    return std::optional{
        complete(Algorithm::es256, std::move(kid), ec_members(*x, *y), std::move(key))};
}

Read read_rsa(const json::object& jwk, std::string kid) {
    const auto modulus = jwk_bytes(jwk, "n");
    const auto exponent = jwk_bytes(jwk, "e");
    if (!modulus || !exponent) return malformed(Algorithm::rs256);
    const auto n = without_leading_zeros(*modulus);
    const auto e = without_leading_zeros(*exponent);
    const auto bits = bits_of(n);
    if (bits < rsa_bits_min || bits > rsa_bits_max) return std::optional<KeyParts>{};
    auto key = rsa_public(n, e);
    if (!key) return malformed(Algorithm::rs256);
    return std::optional{
        complete(Algorithm::rs256, std::move(kid), rsa_members(n, e), std::move(key))};
}

Read read_okp(const json::object& jwk, std::string kid) {
    const auto x = jwk_bytes(jwk, "x");
    auto key = x ? ed25519_public(*x) : nullptr;
    if (!key) return malformed(Algorithm::eddsa);
    return std::optional{
        complete(Algorithm::eddsa, std::move(kid), okp_members(*x), std::move(key))};
}

Read read_kind(const json::object& jwk, Algorithm algorithm, std::string kid) {
    switch (algorithm) {
    case Algorithm::hs256: break;
    case Algorithm::es256: return read_ec(jwk, std::move(kid));
    case Algorithm::rs256: return read_rsa(jwk, std::move(kid));
    case Algorithm::eddsa: return read_okp(jwk, std::move(kid));
    }
    std::abort();  // algorithm_of() knows no such key
}

}  // namespace

std::string_view name_of(Algorithm algorithm) noexcept {
    switch (algorithm) {
    case Algorithm::hs256: return "HS256";
    case Algorithm::es256: return "ES256";
    case Algorithm::rs256: return "RS256";
    case Algorithm::eddsa: return "EdDSA";
    }
    std::abort();
}

std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept {
    for (const auto algorithm :
         {Algorithm::hs256, Algorithm::es256, Algorithm::rs256, Algorithm::eddsa}) {
        if (name == name_of(algorithm)) return algorithm;
    }
    return std::nullopt;
}

std::optional<std::string> jwk_bytes(const json::object& jwk, std::string_view name) {
    std::string bytes;
    const auto text = text_of(jwk, name);
    if (text.empty() || !decode_base64url(text, bytes)) return std::nullopt;
    return bytes;
}

bool jwk_allows(const json::object& jwk, Algorithm algorithm, std::string_view operation) {
    if (jwk.contains("use") && text_of(jwk, "use") != "sig") return false;
    if (jwk.contains("alg") && text_of(jwk, "alg") != name_of(algorithm)) return false;
    const auto* operations = jwk.if_contains("key_ops");
    if (operations == nullptr) return true;
    const auto* list = operations->if_array();
    return list != nullptr && std::ranges::any_of(*list, [&](const json::value& listed) {
               return listed.is_string() && listed.get_string() == operation;
           });
}

Result<std::optional<PublicKey>> JwkReader::read(const json::object& jwk) {
    const auto kty = text_of(jwk, "kty");
    if (kty.empty()) return refused("a key must say its kind (kty), a string");
    if (kty == "oct") return refused("a symmetric key (oct) is no public key");
    const auto algorithm = algorithm_of(jwk);
    if (!algorithm || !jwk_allows(jwk, *algorithm, "verify")) return std::optional<PublicKey>{};
    TENANTRY_TRY(kid, read_kid(jwk));
    TENANTRY_TRY(parts, read_kind(jwk, *algorithm, std::move(kid)));
    if (!parts) return std::optional<PublicKey>{};
    return std::optional{make(std::move(*parts))};
}

PublicKey JwkReader::make(KeyParts parts) {
    return PublicKey{std::make_shared<const PublicKey::Impl>(std::move(parts))};
}

PublicKey JwkReader::p256(std::string_view x, std::string_view y) {
    auto key = p256_public(x, y);
    if (!key) std::abort();
    return make(complete(Algorithm::es256, std::nullopt, ec_members(x, y), std::move(key)));
}

Result<PublicKey> PublicKey::parse(std::string_view jwk) {
    if (jwk.size() > jwks_bytes_max) return refused("the key has more than 64 KiB");
    const auto object = parse_unambiguous_object(jwk);
    if (!object) return refused("the key is not a JSON object with distinct names");
    TENANTRY_TRY(key, JwkReader::read(*object));
    if (!key) return refused("the key verifies neither ES256 nor RS256 nor EdDSA");
    return std::move(*key);
}

Algorithm PublicKey::algorithm() const noexcept { return impl_->parts.algorithm; }
const std::string& PublicKey::kid() const noexcept { return impl_->parts.kid; }
const std::string& PublicKey::thumbprint() const noexcept { return impl_->parts.thumbprint; }
const std::string& PublicKey::jwk() const noexcept { return impl_->parts.jwk; }

bool PublicKey::verifies(std::string_view text, std::string_view signature) const {
    return verify_signature(impl_->parts.key.get(), impl_->parts.algorithm, text, signature);
}

}  // namespace tenantry::auth
