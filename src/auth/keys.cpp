#include "auth/keys.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <optional>

namespace tenantry::auth {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t id_digits = 16;
static_assert(KeyBytes::size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

void require_sodium() {
    static const int ready = ::sodium_init();
    if (ready < 0) std::abort();
}

const unsigned char* data_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* data_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::uint64_t digest_of(KeyBytes::Bytes key) {
    require_sodium();
    constexpr std::string_view what = "tenantry key id";
    std::array<unsigned char, crypto_generichash_BYTES_MIN> digest{};
    ::crypto_generichash(digest.data(), digest.size(), data_of(what), what.size(), key.data(),
                         key.size());
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8 | digest[i];
    return value;
}

/// Each part with its length in front, so that no two lists of parts read the same.
std::string joined(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (const auto part : parts)
        fmt::format_to(std::back_inserter(all), "{}:{}", part.size(), part);
    return all;
}

void require_key(KeyBytes::Bytes key) {
    if (::sodium_is_zero(key.data(), key.size()) == 1) std::abort();
}

/// Nonce, ciphertext and tag.
std::string encrypt(std::string_view plaintext, std::string_view context, KeyBytes::Bytes key) {
    require_sodium();
    require_key(key);
    std::string out(nonce_bytes + plaintext.size() + tag_bytes, '\0');
    auto* nonce = data_of(out);
    ::randombytes_buf(nonce, nonce_bytes);
    ::crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + nonce_bytes, nullptr, data_of(plaintext),
                                                 plaintext.size(), data_of(context), context.size(),
                                                 nullptr, nonce, key.data());
    return out;
}

/// False unless `bytes` is what `encrypt` made of the same context and key. `plaintext` has room
/// for exactly what comes out.
bool decrypt(std::string_view bytes, std::string_view context, KeyBytes::Bytes key,
             unsigned char* plaintext) {
    require_sodium();
    require_key(key);
    return ::crypto_aead_xchacha20poly1305_ietf_decrypt(
               plaintext, nullptr, nullptr, data_of(bytes) + nonce_bytes,
               bytes.size() - nonce_bytes, data_of(context), context.size(), data_of(bytes),
               key.data()) == 0;
}

std::string head_of(std::string_view prefix, KeyId id) {
    return fmt::format("{}{}.", prefix, id.text());
}

struct Parts {
    KeyId id;
    std::string bytes;
};

/// Errors: bad_value.
Result<Parts> parse_parts(std::string_view text, std::string_view prefix, std::string_view what) {
    const auto refused = [&] { return fail(Errc::bad_value, fmt::format("this is {}", what)); };
    if (!text.starts_with(prefix)) return refused();
    const auto rest = text.substr(prefix.size());
    if (rest.size() <= id_digits || rest[id_digits] != '.') return refused();
    const auto id = KeyId::parse(rest.substr(0, id_digits));
    std::string bytes;
    if (!id || !decode_base64url(rest.substr(id_digits + 1), bytes)) return refused();
    if (bytes.size() < nonce_bytes + tag_bytes) return refused();
    return Parts{*id, std::move(bytes)};
}

std::string context_of_key(std::string_view head, const TenantId& tenant) {
    return joined({head, tenant.text()});
}
std::string context_of_secret(std::string_view head, const TenantId& tenant,
                              std::string_view place) {
    return joined({head, tenant.text(), place});
}

/// 32 bytes of hexadecimal or base64 text; false if it is neither.
bool read_key(std::string_view text, std::array<unsigned char, KeyBytes::size>& into) {
    std::size_t size = 0;
    const char* end = nullptr;
    const auto whole = [&] { return size == into.size() && end == text.data() + text.size(); };
    if (text.size() == 2 * into.size()) {
        return ::sodium_hex2bin(into.data(), into.size(), text.data(), text.size(), nullptr, &size,
                                &end) == 0 &&
               whole();
    }
    for (const int variant :
         {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
          sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING}) {
        if (::sodium_base642bin(into.data(), into.size(), text.data(), text.size(), nullptr, &size,
                                &end, variant) == 0 &&
            whole()) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<KeyId> KeyId::parse(std::string_view text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const bool digits = text.size() == id_digits &&
                        text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (!digits || std::from_chars(text.data(), end, value, 16).ptr != end)
        return fail(Errc::bad_value, "the id of a key is 16 lower-case hexadecimal digits");
    return KeyId{value};
}

std::string KeyId::text() const { return fmt::format("{:016x}", value_); }

KeyBytes::KeyBytes() : bytes_{}, id_{0} {
    require_sodium();
    ::randombytes_buf(bytes_.data(), bytes_.size());
    id_ = KeyId{digest_of(bytes_)};
}

KeyBytes::KeyBytes(Bytes bytes) : bytes_{}, id_{digest_of(bytes)} {
    std::ranges::copy(bytes, bytes_.begin());
}

KeyBytes::KeyBytes(KeyBytes&& other) noexcept : bytes_{other.bytes_}, id_{other.id_} {
    ::sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

KeyBytes& KeyBytes::operator=(KeyBytes&& other) noexcept {
    if (this != &other) {
        bytes_ = other.bytes_;
        id_ = other.id_;
        ::sodium_memzero(other.bytes_.data(), other.bytes_.size());
    }
    return *this;
}

KeyBytes::~KeyBytes() { ::sodium_memzero(bytes_.data(), bytes_.size()); }

Result<MasterKey> MasterKey::parse(std::string_view text) {
    require_sodium();
    std::array<unsigned char, size> bytes{};
    const bool read = read_key(text, bytes);
    const bool zero = ::sodium_is_zero(bytes.data(), bytes.size()) == 1;
    if (!read || zero) {
        ::sodium_memzero(bytes.data(), bytes.size());
        return fail(Errc::bad_value,
                    "a master key is 32 random bytes, as base64 or as 64 hexadecimal digits; make "
                    "one with: head -c 32 /dev/urandom | base64");
    }
    MasterKey key{Bytes{bytes}};
    ::sodium_memzero(bytes.data(), bytes.size());
    return key;
}

std::string MasterKey::secret_text() const {
    require_key(bytes());
    std::string text(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     '\0');
    ::sodium_bin2base64(text.data(), text.size(), bytes().data(), size,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.pop_back();  // the library's NUL
    return text;
}

WrappedKey WrappedKey::wrap(const DataKey& key, const MasterKey& master, const TenantId& tenant) {
    const std::string_view plaintext{reinterpret_cast<const char*>(key.bytes().data()),
                                     KeyBytes::size};
    require_key(key.bytes());
    const auto head = head_of(prefix, master.id());
    auto bytes = encrypt(plaintext, context_of_key(head, tenant), master.bytes());
    return {master.id(), head + encode_base64url(bytes), std::move(bytes)};
}

Result<WrappedKey> WrappedKey::parse(std::string_view text) {
    TENANTRY_TRY(parts, parse_parts(text, prefix, "no wrapped key"));
    if (parts.bytes.size() != nonce_bytes + KeyBytes::size + tag_bytes)
        return fail(Errc::bad_value, "this is no wrapped key");
    return WrappedKey{parts.id, std::string{text}, std::move(parts.bytes)};
}

Result<DataKey> WrappedKey::unwrap(const MasterKey& master, const TenantId& tenant) const {
    std::array<unsigned char, KeyBytes::size> plaintext{};
    const bool opened =
        master.id() == master_ && decrypt(bytes_, context_of_key(head_of(prefix, master_), tenant),
                                          master.bytes(), plaintext.data());
    if (!opened) return fail(Errc::bad_value, "this key was not wrapped for this tenant");
    DataKey key{KeyBytes::Bytes{plaintext}};
    ::sodium_memzero(plaintext.data(), plaintext.size());
    return key;
}

SealedText SealedText::seal(std::string_view plaintext, const DataKey& key, const TenantId& tenant,
                            std::string_view place) {
    const auto head = head_of(prefix, key.id());
    auto bytes = encrypt(plaintext, context_of_secret(head, tenant, place), key.bytes());
    return {key.id(), head + encode_base64url(bytes), std::move(bytes)};
}

Result<SealedText> SealedText::parse(std::string_view text) {
    TENANTRY_TRY(parts, parse_parts(text, prefix, "no sealed secret"));
    return SealedText{parts.id, std::string{text}, std::move(parts.bytes)};
}

Result<std::string> SealedText::unseal(const DataKey& key, const TenantId& tenant,
                                       std::string_view place) const {
    std::string plaintext(bytes_.size() - nonce_bytes - tag_bytes, '\0');
    const bool opened =
        key.id() == key_ && decrypt(bytes_, context_of_secret(head_of(prefix, key_), tenant, place),
                                    key.bytes(), data_of(plaintext));
    if (!opened) return fail(Errc::bad_value, "this secret was not sealed for this place");
    return plaintext;
}

}  // namespace tenantry::auth
