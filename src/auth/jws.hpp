#pragma once
/// Compact JWS (RFC 7515 §3.1): `header "." payload "." signature`, each base64url. The work of
/// HS256 is libjose's, which no other module includes; that of the others is in pkey.hpp.

#include "auth/token.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct json_t;  // NOLINT(readability-identifier-naming): jansson's

namespace tenantry::auth {

/// The three parts of a compact JWS, still encoded; views into the token.
struct CompactJws {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;

    /// What the signature is of: the first two with the dot between them.
    std::string_view signed_text() const noexcept {
        return {header.data(), header.size() + 1 + payload.size()};
    }
};

struct JwsHeader {
    Algorithm algorithm;
    std::optional<std::string> kid;  // 1 to PublicKey::kid_bytes_max bytes; never of HS256

    friend bool operator==(const JwsHeader&, const JwsHeader&) = default;
};

/// Errors: token_invalid unless there are three parts, none empty.
Result<CompactJws> split_compact(std::string_view token);

/// Reads the header before any cryptography is done: it must be a JSON object of which `alg` is
/// exactly the name of an Algorithm and `typ`, if there, is JWT in any case; `crit` is refused,
/// since no extension is understood. Other parameters, and the `kid` of HS256, are ignored, as
/// RFC 7515 §4 asks. Errors: token_invalid.
Result<JwsHeader> parse_header(std::string_view encoded);

/// A secret as libjose wants it. Wiped when destroyed. Threads: any, at the same time.
class SigningKey {
public:
    explicit SigningKey(const Secret& secret);

    /// Whether the signature is this key's. The header must have been read as that of HS256.
    bool verifies(const CompactJws& jws) const;

    /// The compact JWS of `payload` (not encoded) under the header {"alg":"HS256","typ":"JWT"}.
    std::string sign(std::string_view payload) const;

private:
    struct Wipe {
        void operator()(json_t* jwk) const noexcept;
    };
    std::unique_ptr<json_t, Wipe> jwk_;
};

}  // namespace tenantry::auth
