#pragma once
/// The keys of secrets at rest, and what is encrypted under them.
///
/// Each tenant has a data key, made at random, that its secrets are sealed under. It is stored
/// wrapped, that is encrypted, by the master key, which is kept outside of the database. Both are
/// 256 bits for XChaCha20-Poly1305 with a random 192-bit nonce; as text:
///
///     twk1.<id of the master key>.<base64url of nonce, ciphertext and tag>   a wrapped data key
///     tse1.<id of the data key>.<base64url of nonce, ciphertext and tag>     a sealed secret
///
/// What stands before the base64url, the tenant and, for a secret, its place are authenticated with
/// it (additional data): text that was moved, changed or put together of two does not open.
///
/// Threads: values and pure functions, but for the random bytes that they take from the system.

#include "base/error.hpp"
#include "base/id.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenantry::auth {

/// Tells keys apart without telling anything of them: 64 bits of a digest under the key.
class KeyId {
public:
    /// 16 lower-case hexadecimal digits. Errors: bad_value.
    static Result<KeyId> parse(std::string_view text);
    std::string text() const;

    friend bool operator==(const KeyId&, const KeyId&) = default;

private:
    friend class KeyBytes;
    explicit KeyId(std::uint64_t value) noexcept : value_{value} {}
    std::uint64_t value_;
};

/// 256 bits, never printed; wiped when destroyed. One that was moved from can't be used any more:
/// that is a bug and aborts.
class KeyBytes {
public:
    static constexpr std::size_t size = 32;
    using Bytes = std::span<const unsigned char, size>;

    KeyBytes(KeyBytes&& other) noexcept;
    KeyBytes& operator=(KeyBytes&& other) noexcept;
    KeyBytes(const KeyBytes&) = delete;
    KeyBytes& operator=(const KeyBytes&) = delete;
    ~KeyBytes();

    KeyId id() const noexcept { return id_; }
    Bytes bytes() const noexcept { return bytes_; }

protected:
    KeyBytes();  // random
    explicit KeyBytes(Bytes bytes);

private:
    std::array<unsigned char, size> bytes_;
    KeyId id_;
};

class MasterKey final : public KeyBytes {
public:
    /// 32 bytes as 64 hexadecimal digits or as base64, in either alphabet, padded or not.
    /// Errors: bad_value; the text is never repeated.
    static Result<MasterKey> parse(std::string_view text);
    static MasterKey random() { return MasterKey{}; }

    MasterKey copy() const { return MasterKey{bytes()}; }
    /// As `parse` reads it, for the file that keeps it. Whoever asks wipes it.
    std::string secret_text() const;

private:
    MasterKey() = default;
    explicit MasterKey(Bytes bytes) : KeyBytes{bytes} {}
};

class DataKey final : public KeyBytes {
public:
    static DataKey random() { return DataKey{}; }

private:
    friend class WrappedKey;
    DataKey() = default;
    explicit DataKey(Bytes bytes) : KeyBytes{bytes} {}
};

/// A tenant's data key as it is stored.
class WrappedKey {
public:
    static constexpr std::string_view prefix = "twk1.";

    static WrappedKey wrap(const DataKey& key, const MasterKey& master, const TenantId& tenant);
    /// Checks the form alone. Errors: bad_value.
    static Result<WrappedKey> parse(std::string_view text);

    /// Errors: bad_value if it is not what was wrapped by `master` for `tenant`.
    Result<DataKey> unwrap(const MasterKey& master, const TenantId& tenant) const;

    KeyId master() const noexcept { return master_; }
    const std::string& text() const noexcept { return text_; }

private:
    WrappedKey(KeyId master, std::string text, std::string bytes)
        : master_{master}, text_{std::move(text)}, bytes_{std::move(bytes)} {}
    KeyId master_;
    std::string text_;
    std::string bytes_;  // what its base64url says
};

/// A tenant's secret as it is stored.
class SealedText {
public:
    static constexpr std::string_view prefix = "tse1.";

    /// `place` is any text that names where the secret stands, such as its row and column.
    static SealedText seal(std::string_view plaintext, const DataKey& key, const TenantId& tenant,
                           std::string_view place);
    /// Checks the form alone. Errors: bad_value.
    static Result<SealedText> parse(std::string_view text);

    /// Errors: bad_value if it is not what was sealed under `key` for this tenant and place.
    Result<std::string> unseal(const DataKey& key, const TenantId& tenant,
                               std::string_view place) const;

    KeyId key() const noexcept { return key_; }
    const std::string& text() const noexcept { return text_; }

private:
    SealedText(KeyId key, std::string text, std::string bytes)
        : key_{key}, text_{std::move(text)}, bytes_{std::move(bytes)} {}
    KeyId key_;
    std::string text_;
    std::string bytes_;  // what its base64url says
};

}  // namespace tenantry::auth
