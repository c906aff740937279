#pragma once
/// For tests: the keys of other issuers, which sign without the code under test.

#include "base/text.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace tenantry::auth::test_keys {

inline void require(bool holds) {
    if (!holds) std::abort();
}

class ForeignKey {
public:
    static ForeignKey es256(std::string kid) {
        ForeignKey key{"ES256", std::move(kid), EVP_EC_gen("P-256")};
        key.members_ = R"("kty":"EC","crv":"P-256","x":")" +
                       key.number(OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")" +
                       key.number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + '"';
        return key;
    }
    static ForeignKey rs256(std::string kid, int bits = 2048) {
        ForeignKey key{"RS256", std::move(kid), EVP_RSA_gen(static_cast<unsigned>(bits))};
        key.members_ =
            R"("kty":"RSA","e":"AQAB","n":")" + key.number(OSSL_PKEY_PARAM_RSA_N, bits / 8) + '"';
        return key;
    }
    static ForeignKey eddsa(std::string kid) {
        ForeignKey key{"EdDSA", std::move(kid), EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
        std::string x(32, '\0');
        std::size_t size = x.size();
        require(EVP_PKEY_get_raw_public_key(
                    key.key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size) == 1);
        key.members_ = R"("kty":"OKP","crv":"Ed25519","x":")" + encode_base64url(x) + '"';
        return key;
    }

    const std::string& algorithm() const { return algorithm_; }

    /// The public key, with `more` members behind.
    std::string jwk(std::string_view more = "") const {
        std::string out = '{' + members_;
        if (!kid_.empty()) out += R"(,"kid":")" + kid_ + '"';
        return out + std::string{more} + '}';
    }

    /// With the key's algorithm and kid in the header.
    std::string token(std::string_view claims) const {
        auto header = R"({"alg":")" + algorithm_ + '"';
        if (!kid_.empty()) header += R"(,"kid":")" + kid_ + '"';
        return token(header + '}', claims);
    }
    std::string token(std::string_view header, std::string_view claims) const {
        std::string text = encode_base64url(header) + '.' + encode_base64url(claims);
        text += '.' + encode_base64url(signature(text));
        return text;
    }

private:
    struct Free {
        void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
        void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
        void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
        void operator()(BIGNUM* number) const noexcept { BN_free(number); }
    };

    ForeignKey(std::string algorithm, std::string kid, EVP_PKEY* key)
        : algorithm_{std::move(algorithm)}, kid_{std::move(kid)}, key_{key} {
        require(key != nullptr);
    }

    static std::string bytes_of(const BIGNUM* number, int size) {
        std::string bytes(static_cast<std::size_t>(size), '\0');
        require(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size) == size);
        return bytes;
    }
    std::string number(const char* name, int size) const {
        BIGNUM* read = nullptr;
        require(EVP_PKEY_get_bn_param(key_.get(), name, &read) == 1);
        const std::unique_ptr<BIGNUM, Free> owner{read};
        return encode_base64url(bytes_of(read, size));
    }
    std::string signature(std::string_view text) const {
        const std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
        const EVP_MD* digest = algorithm_ == "EdDSA" ? nullptr : EVP_sha256();
        require(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1);
        std::string bytes(1024, '\0');
        std::size_t size = bytes.size();
        require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size,
                               reinterpret_cast<const unsigned char*>(text.data()),
                               text.size()) == 1);
        bytes.resize(size);
        if (algorithm_ != "ES256") return bytes;
        const auto* der = reinterpret_cast<const unsigned char*>(bytes.data());
        const std::unique_ptr<ECDSA_SIG, Free> both{
            d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size))};
        return bytes_of(ECDSA_SIG_get0_r(both.get()), 32) +
               bytes_of(ECDSA_SIG_get0_s(both.get()), 32);
    }

    std::string algorithm_;
    std::string kid_;
    std::string members_{};
    std::unique_ptr<EVP_PKEY, Free> key_;
};

}  // namespace tenantry::auth::test_keys
