#include "pkey.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <array>
#include <bit>
#include <new>
#include <stdexcept>

namespace tenantry::auth {
namespace {

struct PkeyContextFree {
    void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, PkeyContextFree>;

struct DigestContextFree {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, DigestContextFree>;

struct NumberFree {
    void operator()(BIGNUM* number) const noexcept { BN_clear_free(number); }
};
using Number = std::unique_ptr<BIGNUM, NumberFree>;

struct SignatureFree {
    void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, SignatureFree>;

/// Takes back what OpenSSL says meanwhile about keys and signatures that it refuses.
class QuietErrors {
public:
    QuietErrors() noexcept { ERR_set_mark(); }
    ~QuietErrors() { ERR_pop_to_mark(); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
};

const unsigned char* data_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* data_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

[[noreturn]] void broken(const char* what) {
    throw std::runtime_error{std::string{"OpenSSL could not "} + what};
}

/// Parameters take numbers in the machine's own order.
std::string native_order(std::string_view number) {
    if constexpr (std::endian::native == std::endian::big) return std::string{number};
    return {number.rbegin(), number.rend()};
}

OSSL_PARAM number_param(const char* name, std::string& native) {
    return OSSL_PARAM_construct_BN(name, data_of(native), native.size());
}

PkeyHandle from_params(const char* type, int selection, OSSL_PARAM* params) {
    const QuietErrors quiet;
    const PkeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
    if (!context) throw std::bad_alloc{};
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, selection, params) != 1) {
        return nullptr;
    }
    return PkeyHandle{key};
}

/// SEC 1 §2.3.3, uncompressed.
std::string point_of(std::string_view x, std::string_view y) {
    std::string point{'\x04'};
    point += x;
    point += y;
    return point;
}

OSSL_PARAM curve_param() {
    static char name[] = "P-256";
    return OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
}

OSSL_PARAM point_param(std::string& point) {
    return OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
}

/// OpenSSL's form of R and S: DER (RFC 3279 §2.2.3). Empty if they aren't two of p256_bytes.
std::string der_of(std::string_view signature) {
    if (signature.size() != 2 * p256_bytes) return {};
    const auto number = [&](std::size_t at) {
        Number read{BN_bin2bn(data_of(signature.substr(at)), p256_bytes, nullptr)};
        if (!read) throw std::bad_alloc{};
        return read;
    };
    Number r = number(0);
    Number s = number(p256_bytes);
    const EcdsaSignature both{ECDSA_SIG_new()};
    if (!both) throw std::bad_alloc{};
    ECDSA_SIG_set0(both.get(), r.release(), s.release());  // takes them; refuses nullptr alone
    std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(both.get(), nullptr)), '\0');
    unsigned char* end = data_of(der);
    i2d_ECDSA_SIG(both.get(), &end);
    return der;
}

}  // namespace

PkeyHandle p256_public(std::string_view x, std::string_view y) {
    if (x.size() != p256_bytes || y.size() != p256_bytes) return nullptr;
    std::string point = point_of(x, y);
    std::array params{curve_param(), point_param(point), OSSL_PARAM_construct_end()};
    return from_params("EC", EVP_PKEY_PUBLIC_KEY, params.data());  // refuses points elsewhere
}

PkeyHandle p256_pair(std::string_view x, std::string_view y, std::string_view d) {
    if (x.size() != p256_bytes || y.size() != p256_bytes || d.size() != p256_bytes) return nullptr;
    std::string point = point_of(x, y);
    std::string secret = native_order(d);
    std::array params{curve_param(), point_param(point),
                      number_param(OSSL_PKEY_PARAM_PRIV_KEY, secret), OSSL_PARAM_construct_end()};
    PkeyHandle key = from_params("EC", EVP_PKEY_KEYPAIR, params.data());
    OPENSSL_cleanse(secret.data(), secret.size());
    if (!key) return nullptr;
    const QuietErrors quiet;
    const PkeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
    if (!context) throw std::bad_alloc{};
    if (EVP_PKEY_check(context.get()) != 1) return nullptr;
    return key;
}

PkeyHandle p256_random() {
    PkeyHandle key{EVP_EC_gen("P-256")};
    if (!key) broken("make a key");
    return key;
}

PkeyHandle rsa_public(std::string_view n, std::string_view e) {
    if (n.empty() || e.empty() || e.size() > 8) return nullptr;
    const bool odd = (static_cast<unsigned char>(e.back()) & 1U) != 0;
    if (!odd || e == std::string_view{"\x01", 1}) return nullptr;
    std::string modulus = native_order(n);
    std::string exponent = native_order(e);
    std::array params{number_param(OSSL_PKEY_PARAM_RSA_N, modulus),
                      number_param(OSSL_PKEY_PARAM_RSA_E, exponent), OSSL_PARAM_construct_end()};
    return from_params("RSA", EVP_PKEY_PUBLIC_KEY, params.data());
}

PkeyHandle ed25519_public(std::string_view x) {
    const QuietErrors quiet;
    return PkeyHandle{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(x), x.size())};
}

std::string p256_number(const EVP_PKEY* key, const char* name) {
    BIGNUM* read = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &read) != 1) broken("read a key");
    const Number number{read};
    std::string bytes(p256_bytes, '\0');
    if (BN_bn2binpad(read, data_of(bytes), p256_bytes) != p256_bytes) broken("read a key");
    return bytes;
}

bool verify_signature(EVP_PKEY* key, Algorithm algorithm, std::string_view text,
                      std::string_view signature) {
    const QuietErrors quiet;
    const EVP_MD* digest = EVP_sha256();
    std::string der;
    switch (algorithm) {
    case Algorithm::hs256: return false;
    case Algorithm::es256:
        der = der_of(signature);
        if (der.empty()) return false;
        signature = der;
        break;
    case Algorithm::rs256:
        if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key))) return false;
        break;
    case Algorithm::eddsa:
        if (signature.size() != 64) return false;
        digest = nullptr;  // Ed25519 has its own
        break;
    }
    const DigestContext context{EVP_MD_CTX_new()};
    if (!context) throw std::bad_alloc{};
    return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(text),
                            text.size()) == 1;
}

std::string sign_es256(EVP_PKEY* key, std::string_view text) {
    const DigestContext context{EVP_MD_CTX_new()};
    if (!context) throw std::bad_alloc{};
    std::array<unsigned char, 80> der{};  // two numbers of 33 bytes at most, and six bytes of form
    std::size_t length = der.size();
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), der.data(), &length, data_of(text), text.size()) != 1) {
        broken("sign a token");
    }
    const unsigned char* read = der.data();
    const EcdsaSignature both{d2i_ECDSA_SIG(nullptr, &read, static_cast<long>(length))};
    if (!both) broken("sign a token");
    std::string signature(2 * p256_bytes, '\0');
    unsigned char* bytes = data_of(signature);
    if (BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), bytes, p256_bytes) != p256_bytes ||
        BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), bytes + p256_bytes, p256_bytes) != p256_bytes) {
        broken("sign a token");
    }
    return signature;
}

std::string digest_of(std::string_view text) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(data_of(text), text.size(), data_of(digest));
    return digest;
}

}  // namespace tenantry::auth
