#include "token_keys.hpp"

#include <exception>

namespace tenantry::server {
namespace {

constexpr std::chrono::seconds interval{5};

std::vector<auth::OwnKey> public_halves(const std::vector<KeptKey>& keys) {
    std::vector<auth::OwnKey> out;
    out.reserve(keys.size());
    for (const auto& key : keys) out.push_back({key.pair.public_key(), key.until});
    return out;
}

}  // namespace

TokenKeys::TokenKeys(std::filesystem::path file, auth::TokenVerifier& verifier, const Clock& clock,
                     Log& log)
    : file_{std::move(file)}, verifier_{verifier}, clock_{clock}, log_{log} {}

TokenKeys::~TokenKeys() { stop(); }

Result<void> TokenKeys::load() {
    TENANTRY_TRY(read, read_signing_keys(file_));
    {
        const std::lock_guard lock{mutex_};
        if (public_halves(read) != public_halves(*keys_)) {
            TENANTRY_TRY_VOID(tell_verifier(read));
            keys_ = std::make_shared<const Keys>(std::move(read));
        }
    }
    if (!periodic_) periodic_ = std::make_unique<Periodic>(interval, [this] { look_again(); });
    return {};
}

/// With the mutex held.
Result<void> TokenKeys::tell_verifier(const Keys& keys) {
    TENANTRY_TRY(trusted, auth::KeySet::make(public_halves(keys), issuers_));
    verifier_.trust(std::move(trusted));
    return {};
}

void TokenKeys::trust(std::vector<auth::ForeignIssuer> issuers) {
    const std::lock_guard lock{mutex_};
    issuers_ = std::move(issuers);
    if (const auto told = tell_verifier(*keys_); !told)
        log_.observe(IssuerUnusable{"", told.error().message});
}

void TokenKeys::stop() {
    if (periodic_) periodic_->stop();
}

void TokenKeys::look_again() noexcept {
    try {
        const auto loaded = load();
        if (!loaded) log_.observe(SigningKeysUnusable{loaded.error().message});
    } catch (const std::exception& fault) {
        log_.observe(SigningKeysUnusable{fault.what()});
    }
}

std::shared_ptr<const TokenKeys::Keys> TokenKeys::keys() const {
    const std::lock_guard lock{mutex_};
    return keys_;
}

Result<std::string> TokenKeys::sign(const auth::AccessToken& token) {
    const auto held = keys();
    const auto* key = signing_at(*held, clock_.now());
    return verifier_.issue_access_token(token, key == nullptr ? nullptr : &key->pair);
}

std::string TokenKeys::jwks() const {
    return auth::print_jwks(public_halves(*keys()), clock_.now());
}

}  // namespace tenantry::server
