#include "jws.hpp"

#include "base/text.hpp"
#include "strict_json.hpp"

#include <jansson.h>
#include <openssl/crypto.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <new>
#include <stdexcept>

extern "C" {  // libjose's headers don't say so themselves
#include <jose/jws.h>
}

namespace tenantry::auth {
namespace {

constexpr std::size_t signature_bytes = 32;

struct JsonDecref {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using JsonHandle = std::unique_ptr<json_t, JsonDecref>;

struct ConfigDecref {
    void operator()(jose_cfg_t* config) const noexcept { jose_cfg_decref(config); }
};
using ConfigHandle = std::unique_ptr<jose_cfg_t, ConfigDecref>;

void say_nothing(void*, const char*, int, std::uint64_t, const char*, va_list) {}

/// Keeps libjose from writing about clients' tokens to stderr, as it does by default. One for each
/// call, because its reference count is not atomic.
ConfigHandle quiet_config() {
    ConfigHandle config{jose_cfg()};
    if (!config) throw std::bad_alloc{};
    jose_cfg_set_err_func(config.get(), say_nothing, nullptr);
    return config;
}

JsonHandle make_object() {
    JsonHandle object{json_object()};
    if (!object) throw std::bad_alloc{};
    return object;
}

void set(json_t* object, const char* name, std::string_view text) {
    // Unchecked by jansson: what stands here is ASCII.
    json_t* value = json_stringn_nocheck(text.data(), text.size());
    if (json_object_set_new_nocheck(object, name, value) != 0) throw std::bad_alloc{};
}

std::string_view get(const json_t* object, const char* name) {
    const json_t* value = json_object_get(object, name);
    if (!json_is_string(value)) throw std::runtime_error{"libjose left out a part of a signature"};
    return {json_string_value(value), json_string_length(value)};
}

Error refused(std::string message) { return fail(Errc::token_invalid, std::move(message)); }

}  // namespace

Result<CompactJws> split_compact(std::string_view token) {
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return refused("The token is not a signed JWT: it must have three parts");
    }
    const CompactJws jws{.header = token.substr(0, first),
                         .payload = token.substr(first + 1, second - first - 1),
                         .signature = token.substr(second + 1)};
    if (jws.header.empty() || jws.payload.empty() || jws.signature.empty()) {
        return refused("The token is not a signed JWT: one of its three parts is empty");
    }
    return jws;
}

Result<JwsHeader> parse_header(std::string_view encoded) {
    std::string text;
    if (!decode_base64url(encoded, text)) return refused("The token's header is not base64url");
    const auto header = parse_unambiguous_object(text);
    if (!header) return refused("The token's header is not a JSON object with distinct names");
    const auto* name = header->if_contains("alg");
    const auto algorithm =
        name != nullptr && name->is_string() ? parse_algorithm(name->get_string()) : std::nullopt;
    if (!algorithm) {
        return refused("The token must be signed with the algorithm HS256, ES256, RS256 or EdDSA");
    }
    if (const auto* type = header->if_contains("typ")) {
        if (!type->is_string() || !equals_ignoring_case(type->get_string(), "JWT")) {
            return refused("The token's type must be JWT");
        }
    }
    if (header->contains("crit")) {
        return refused(
            "The token's header asks for extensions (crit), none of which is understood");
    }
    JwsHeader read{.algorithm = *algorithm, .kid = {}};
    const auto* kid = header->if_contains("kid");
    if (kid == nullptr || *algorithm == Algorithm::hs256) return read;
    if (!kid->is_string() || kid->get_string().empty() ||
        kid->get_string().size() > PublicKey::kid_bytes_max) {
        return refused("The token's key (kid) must be a string of 1 to 255 bytes");
    }
    read.kid = std::string{kid->get_string()};
    return read;
}

SigningKey::SigningKey(const Secret& secret) : jwk_{json_object()} {
    if (!jwk_) throw std::bad_alloc{};
    set(jwk_.get(), "kty", "oct");
    // Not to be relied upon: libjose 11 takes a token's algorithm that sorts after the key's
    // (HS384 after HS256) for a match. token.cpp is what holds the algorithm.
    set(jwk_.get(), "alg", "HS256");
    std::string encoded = encode_base64url(secret.bytes());
    set(jwk_.get(), "k", encoded);
    OPENSSL_cleanse(encoded.data(), encoded.size());
}

void SigningKey::Wipe::operator()(json_t* jwk) const noexcept {
    json_t* key = json_object_get(jwk, "k");
    if (key != nullptr) {
        // jansson frees without wiping, and lets its heap copy be read only through a const
        // pointer. NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
        OPENSSL_cleanse(const_cast<char*>(json_string_value(key)), json_string_length(key));
    }
    json_decref(jwk);
}

bool SigningKey::verifies(const CompactJws& jws) const {
    std::string bytes;
    if (!decode_base64url(jws.signature, bytes) || bytes.size() != signature_bytes) return false;
    if (!decode_base64url(jws.payload, bytes)) return false;
    const JsonHandle object = make_object();
    set(object.get(), "protected", jws.header);
    set(object.get(), "payload", jws.payload);
    set(object.get(), "signature", jws.signature);
    return jose_jws_ver(quiet_config().get(), object.get(), nullptr, jwk_.get(), false);
}

std::string SigningKey::sign(std::string_view payload) const {
    const JsonHandle object = make_object();
    set(object.get(), "payload", encode_base64url(payload));
    const JsonHandle form{json_pack("{s:{s:s,s:s}}", "protected", "alg", "HS256", "typ", "JWT")};
    if (!form) throw std::bad_alloc{};
    if (!jose_jws_sig(quiet_config().get(), object.get(), form.get(), jwk_.get())) {
        throw std::runtime_error{"libjose could not sign a token"};
    }
    std::string token{get(object.get(), "protected")};
    token += '.';
    token += get(object.get(), "payload");
    token += '.';
    token += get(object.get(), "signature");
    return token;
}

}  // namespace tenantry::auth
