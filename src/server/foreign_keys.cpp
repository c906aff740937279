#include "foreign_keys.hpp"

#include "https_get.hpp"

#include <fmt/format.h>

#include <exception>
#include <fstream>
#include <sstream>

namespace tenantry::server {
namespace {

constexpr std::chrono::seconds interval{60};
constexpr std::chrono::seconds timeout{10};

Result<std::string> read_jwks(const ConfiguredIssuer& issuer) {
    if (!issuer.jwks_file) return https_get(issuer.jwks_url, auth::jwks_bytes_max, timeout);
    std::ifstream file{*issuer.jwks_file, std::ios::binary};
    std::stringstream text;
    if (file) text << file.rdbuf();
    if (!file) {
        return fail(Errc::bad_configuration,
                    fmt::format("{} can't be read", issuer.jwks_file->string()));
    }
    return std::move(text).str();
}

}  // namespace

ForeignKeys::ForeignKeys(std::vector<ConfiguredIssuer> issuers, Tell tell, Log& log)
    : tell_{std::move(tell)}, log_{log} {
    issuers_.reserve(issuers.size());
    for (auto& each : issuers) issuers_.push_back({std::move(each)});
    if (issuers_.empty()) return;
    look();
    periodic_ = std::make_unique<Periodic>(interval, [this] { look(); });
}

ForeignKeys::~ForeignKeys() { stop(); }

void ForeignKeys::stop() {
    if (periodic_) periodic_->stop();
}

void ForeignKeys::look() noexcept {
    try {
        const auto now = std::chrono::steady_clock::now();
        bool changed = false;
        for (auto& known : issuers_) changed = renew(known, now) || changed;
        if (!changed) return;
        std::vector<auth::ForeignIssuer> all;
        all.reserve(issuers_.size());
        for (const auto& known : issuers_) all.push_back(known.configured.issuer);
        tell_(std::move(all));
    } catch (const std::exception& fault) {
        log_.observe(IssuerUnusable{"", fault.what()});
    }
}

/// Whether its keys are others now.
bool ForeignKeys::renew(Known& known, Time now) {
    if (known.had != Time{} && now - known.had < renewal) return false;
    auto& issuer = known.configured.issuer;
    const auto before = issuer.keys;
    const auto text = read_jwks(known.configured);
    auto keys = text ? auth::parse_jwks(*text) : Result<std::vector<auth::PublicKey>>{text.error()};
    if (keys) {
        issuer.keys = std::move(*keys);
        known.had = now;
    } else {
        log_.observe(IssuerUnusable{issuer.issuer, keys.error().message});
        if (known.had != Time{} && now - known.had > kept) issuer.keys.clear();
    }
    return issuer.keys != before;
}

}  // namespace tenantry::server
