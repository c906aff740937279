#include "auth/api_key.hpp"

#include "base/random.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <boost/crc.hpp>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace tenantry::auth {
namespace {

constexpr std::string_view digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// What keys of a kind begin with.
constexpr std::array<std::pair<ApiKey::Kind, std::string_view>, 4> beginnings{{
    {ApiKey::Kind::tenant, "tnk_"},
    {ApiKey::Kind::secret, "sb_secret_"},
    {ApiKey::Kind::publishable, "sb_publishable_"},
    {ApiKey::Kind::platform, "tno_"},
}};
constexpr std::size_t random_digits = 43;
constexpr std::size_t check_digits = 6;  // 62^6 > 2^32
constexpr std::size_t shown_digits = 8;

void wipe(std::string& text) noexcept {
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

/// Each digit as likely as any other: bytes beyond the last multiple of 62 are drawn again.
void append_random_digits(std::string& out) {
    constexpr unsigned fair = 256 / digits.size() * digits.size();
    const auto wanted = out.size() + random_digits;
    while (out.size() < wanted) {
        auto drawn = random_bytes(2 * random_digits);
        for (const char c : drawn) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < fair && out.size() < wanted) out += digits[byte % digits.size()];
        }
        wipe(drawn);
    }
}

std::string check_of(std::string_view text) {
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    auto rest = crc.checksum();
    std::string check(check_digits, digits.front());
    for (auto at = check.rbegin(); at != check.rend(); ++at) {
        *at = digits[rest % digits.size()];
        rest /= static_cast<unsigned>(digits.size());
    }
    return check;
}

const std::pair<ApiKey::Kind, std::string_view>* beginning_of(std::string_view text) noexcept {
    const auto* found = std::ranges::find_if(
        beginnings, [&](const auto& each) { return text.starts_with(each.second); });
    return found == beginnings.end() ? nullptr : found;
}

bool is_whole(std::string_view text) {
    const auto* beginning = beginning_of(text);
    if (beginning == nullptr) return false;
    const auto begun = beginning->second.size();
    if (text.size() != begun + random_digits + 1 + check_digits) return false;
    const auto secret = text.substr(begun, random_digits);
    if (secret.find_first_not_of(digits) != std::string_view::npos) return false;
    const auto checked = text.substr(0, begun + random_digits);
    return text[checked.size()] == '_' && text.substr(checked.size() + 1) == check_of(checked);
}

}  // namespace

ApiKey ApiKey::make(Kind kind) {
    const auto* beginning =
        std::ranges::find(beginnings, kind, &decltype(beginnings)::value_type::first);
    std::string text;
    // No bytes are left behind by growing.
    text.reserve(beginning->second.size() + random_digits + 1 + check_digits);
    text += beginning->second;
    append_random_digits(text);
    const auto check = check_of(text);
    text += '_';
    text += check;
    return ApiKey{std::move(text)};
}

bool ApiKey::claims_to_be(std::string_view text) noexcept { return beginning_of(text) != nullptr; }

bool ApiKey::claims_to_be_publishable(std::string_view text) noexcept {
    const auto* beginning = beginning_of(text);
    return beginning != nullptr && beginning->first == Kind::publishable;
}

Result<ApiKey> ApiKey::parse(std::string_view text) {
    if (!is_whole(text)) {
        return fail(Errc::token_invalid,
                    "the API key is not whole; copy it again, or have a new one made");
    }
    return ApiKey{std::string{text}};
}

// Too many bytes for the string's inner buffer, so a move hands over the only copy.
ApiKey::ApiKey(ApiKey&& other) noexcept : text_{std::move(other.text_)} { other.text_.clear(); }

ApiKey& ApiKey::operator=(ApiKey&& other) noexcept {
    if (this != &other) {
        wipe(text_);
        text_.swap(other.text_);
    }
    return *this;
}

ApiKey::~ApiKey() { wipe(text_); }

ApiKey::Kind ApiKey::kind() const noexcept { return beginning_of(text_)->first; }

std::string ApiKey::prefix() const {
    return text_.substr(0, beginning_of(text_)->second.size() + shown_digits);
}

std::string ApiKey::hash() const {
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text_.data(), text_.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::bad_alloc{};  // the only way in which it can fail
    }
    std::string out;
    out.reserve(std::size_t{2} * size);
    for (unsigned at = 0; at < size; ++at) {
        out += hexadecimal[digest[at] >> 4U];
        out += hexadecimal[digest[at] & 0xFU];
    }
    return out;
}

}  // namespace tenantry::auth
