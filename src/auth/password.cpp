#include "auth/password.hpp"

#include <sodium.h>

#include <array>
#include <cstring>
#include <new>
#include <stdexcept>

namespace tenantry::auth {
namespace {

using HashText = std::array<char, crypto_pwhash_STRBYTES>;

void require_sodium() {
    if (sodium_init() < 0) throw std::runtime_error{"libsodium can't be used here"};
}

}  // namespace

std::string hash_password(std::string_view password) {
    require_sodium();
    HashText text{};
    if (crypto_pwhash_str(text.data(), password.data(), password.size(), password_passes,
                          password_memory_bytes) != 0) {
        throw std::bad_alloc{};
    }
    return {text.data(), ::strnlen(text.data(), text.size())};
}

bool is_password(std::string_view hash, std::string_view password) {
    require_sodium();
    // Made once, of what nobody knows: to compare with where there is nothing to compare with.
    static const std::string nobodys = [] {
        std::array<char, 32> random{};
        randombytes_buf(random.data(), random.size());
        return hash_password({random.data(), random.size()});
    }();
    const bool ours = hash.starts_with("$argon2id$") && hash.size() < crypto_pwhash_STRBYTES;
    const std::string_view chosen = ours ? hash : std::string_view{nobodys};
    HashText text{};
    chosen.copy(text.data(), text.size() - 1);
    const bool fits = crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
    return ours && fits;
}

}  // namespace tenantry::auth
