#pragma once
/// One JSON Web Key (RFC 7517) as an object that has been parsed.

#include "auth/signing_keys.hpp"
#include "pkey.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::auth {

/// The bytes that the member `name`, base64url, stands for; nullopt if there is no such member.
std::optional<std::string> jwk_bytes(const boost::json::object& jwk, std::string_view name);

/// Whether the members `use`, `alg` and `key_ops`, as far as they are there, allow to do
/// `operation` ("verify" or "sign") by `algorithm`.
bool jwk_allows(const boost::json::object& jwk, Algorithm algorithm, std::string_view operation);

/// What a PublicKey consists of.
struct KeyParts {
    Algorithm algorithm;
    std::string kid;
    std::string thumbprint;
    std::string jwk;
    PkeyHandle key;
};

struct PublicKey::Impl {
    KeyParts parts;
};

/// What makes public keys.
class JwkReader {
public:
    /// nullopt: of a kind to be ignored. Errors: bad_configuration.
    static Result<std::optional<PublicKey>> read(const boost::json::object& jwk);
    /// Of P-256, with its thumbprint for a `kid`. The coordinates must be those of a point.
    static PublicKey p256(std::string_view x, std::string_view y);

private:
    static PublicKey make(KeyParts parts);
};

}  // namespace tenantry::auth
