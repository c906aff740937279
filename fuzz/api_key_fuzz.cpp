// Any bytes as an API key. The first byte says what is done with the others:
//
//   k  the whole key                       (form, check)
//   s  a tenant's key without its check, p a publishable one: the check is made here, so that the
//      fuzzer gets past it

#include "auth/api_key.hpp"
#include "base/text.hpp"

#include <boost/crc.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace tenantry;
using auth::ApiKey;

constexpr std::string_view digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

void require(bool holds) {
    if (!holds) std::abort();
}

std::string_view beginning_of(ApiKey::Kind kind) {
    switch (kind) {
    case ApiKey::Kind::tenant: return "tnk_";
    case ApiKey::Kind::secret: return "sb_secret_";
    case ApiKey::Kind::publishable: return "sb_publishable_";
    case ApiKey::Kind::platform: return "tno_";
    }
    std::abort();
}

std::string with_check(std::string text) {
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    std::string check;
    for (auto rest = crc.checksum(); check.size() < 6; rest /= 62)
        check.insert(check.begin(), digits[rest % 62]);
    return text + "_" + check;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto text = *data == 's'   ? with_check("tnk_" + std::string{input})
                      : *data == 'p' ? with_check("sb_publishable_" + std::string{input})
                                     : std::string{input};

    const auto key = ApiKey::parse(text);
    if (!key) {
        require(key.error().code == Errc::token_invalid);
        require(is_clean_utf8(key.error().message));
        return 0;
    }
    const auto begun = beginning_of(key->kind()).size();
    require(ApiKey::claims_to_be(text) && text.size() == begun + 43 + 1 + 6);
    require(text.starts_with(beginning_of(key->kind())));
    require(key->text() == text && text.starts_with(key->prefix()));
    require(text.substr(begun, 43).find_first_not_of(digits) == std::string::npos);
    require(with_check(text.substr(0, begun + 43)) == text);
    require(key->hash().size() == 64);
    return 0;
}
