#pragma once
/// API keys: long-lived secrets for programs, an alternative to tokens.
///
///   tnk_<43 characters>_<6 characters>              a tenant's
///   sb_secret_<43 characters>_<6 characters>        a tenant's, in the form that Supabase's
///                                                   clients expect of a service key
///   sb_publishable_<43 characters>_<6 characters>   a tenant's, for everybody to see: it says
///                                                   whose users want to sign in, and no more
///   tno_<43 characters>_<6 characters>              an operator's
///
/// The 43 are drawn from the 62 letters and digits, which is more than 256 bits; the 6 are the
/// CRC-32 of all before them in the same digits, so that a mistyped key and a thing that merely
/// looks like one are told without asking the database, by secret scanners too. The prefix says
/// whose key it is to people, and gives no right: what a key may do stands in its record. Only
/// `sb_publishable_` takes them all, whatever the record says, which holds for the very text. A
/// database keeps the SHA-256 only; with 256 random bits nothing slower is needed.

#include "base/error.hpp"
#include "base/id.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace tenantry::auth {

using ApiKeyId = Id<struct ApiKeyTag>;

/// The text of one key. Never printed but when it is made; wiped when destroyed.
/// Threads: values.
class ApiKey {
public:
    enum class Kind { tenant, secret, publishable, platform };

    /// A new one. Throws: std::system_error if the system has no randomness.
    static ApiKey make(Kind kind);
    /// Whether `text` is meant as a key rather than as a token, whose first bytes are never these.
    static bool claims_to_be(std::string_view text) noexcept;
    /// Likewise, whether it is meant as a publishable one.
    static bool claims_to_be_publishable(std::string_view text) noexcept;
    /// Errors: token_invalid; the text holds no part of the key.
    static Result<ApiKey> parse(std::string_view text);

    ApiKey(ApiKey&& other) noexcept;
    ApiKey& operator=(ApiKey&& other) noexcept;
    ApiKey(const ApiKey&) = delete;
    ApiKey& operator=(const ApiKey&) = delete;
    ~ApiKey();

    Kind kind() const noexcept;
    /// The secret itself.
    std::string_view text() const noexcept { return text_; }
    /// What may be shown to tell keys apart: what the kind begins with and 8 characters more. It
    /// leaves 208 bits unknown.
    std::string prefix() const;
    /// The SHA-256 in lower-case hexadecimal: what databases know the key by.
    std::string hash() const;

private:
    explicit ApiKey(std::string text) : text_{std::move(text)} {}
    std::string text_;
};

}  // namespace tenantry::auth
