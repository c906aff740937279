// Any bytes as what is stored of keys and secrets. The first one says what the others are:
//
//   w  a wrapped key
//   s  a sealed secret
//   m  a master key
//   r  a secret to seal and a change to its ciphertext: a position, what to put there, the secret
//
// What parses prints as it was read, and opens only if it is, to the byte, what was made here.

#include "auth/keys.hpp"
#include "base/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace tenantry;
using namespace tenantry::auth;

void require(bool holds) {
    if (!holds) std::abort();
}

/// Keys and texts made once, from which nothing else may open.
struct Known {
    MasterKey master =
        MasterKey::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
            .value();
    TenantId tenant = TenantId::parse("acme").value();
    // What the corpus begins with.
    std::string wrapped =
        "twk1.39dca21fef90b65e.QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZX9BgnU_TFXzGn3a2Vg7FLvaKLn_cnbGWtUgjH"
        "fjU5Ha_Om-27lqV0LifddSw30p5-";
    std::string sealed =
        "tse1.de0cbb3803870d53.QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWwEezEUUmKvukwpslPUH3spS9wQxXE3O";
    DataKey key = WrappedKey::parse(wrapped).value().unwrap(master, tenant).value();
};

void check_refused(const Error& error) {
    require(error.code == Errc::bad_value);
    require(is_clean_utf8(error.message));
}

void check_wrapped(const Known& known, std::string_view text) {
    const auto parsed = WrappedKey::parse(text);
    if (!parsed) return check_refused(parsed.error());
    require(parsed->text() == text);
    require(text.starts_with("twk1." + parsed->master().text() + "."));
    const auto opened = parsed->unwrap(known.master, known.tenant);
    require(opened.has_value() == (text == known.wrapped));
    if (!opened) check_refused(opened.error());
}

void check_sealed(const Known& known, std::string_view text) {
    const auto parsed = SealedText::parse(text);
    if (!parsed) return check_refused(parsed.error());
    require(parsed->text() == text);
    require(text.starts_with("tse1." + parsed->key().text() + "."));
    const auto opened = parsed->unseal(known.key, known.tenant, "place");
    require(opened.has_value() == (text == known.sealed));
    if (opened) return require(*opened == "a secret");
    check_refused(opened.error());
}

void check_master(std::string_view text) {
    const auto key = MasterKey::parse(text);
    if (!key) return check_refused(key.error());
    require(text.size() == 43 || text.size() == 44 || text.size() == 64);
    require(MasterKey::parse(key->secret_text()).value().id() == key->id());
}

void check_changed(const Known& known, std::string_view input) {
    if (input.size() < 2) return;
    const auto secret = input.substr(2);
    const auto sealed = SealedText::seal(secret, known.key, known.tenant, "place");
    require(sealed.unseal(known.key, known.tenant, "place").value() == secret);
    require(!sealed.unseal(known.key, known.tenant, "palace"));
    auto text = sealed.text();
    auto& changed = text[static_cast<unsigned char>(input[0]) % text.size()];
    const bool same = changed == input[1];
    changed = input[1];
    const auto parsed = SealedText::parse(text);
    const bool opens = parsed && parsed->unseal(known.key, known.tenant, "place").has_value();
    require(opens == same);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Known known;
    if (size == 0) return 0;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto rest = input.substr(1);
    switch (input.front()) {
    case 'w': check_wrapped(known, rest); break;
    case 's': check_sealed(known, rest); break;
    case 'm': check_master(rest); break;
    case 'r': check_changed(known, rest); break;
    default: break;
    }
    return 0;
}
