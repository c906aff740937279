#include "startup.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <new>

namespace tenantry::pg {
namespace {

constexpr int libpq_that_knows_system = 160'000;

/// The authorities that this machine trusts, where OpenSSL and the distributions have them.
std::string system_authorities() {
    if (const char* chosen = std::getenv("SSL_CERT_FILE")) return chosen;
    constexpr std::array places{"/etc/ssl/certs/ca-certificates.crt",
                                "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                "/etc/ssl/cert.pem"};
    const auto* found = std::ranges::find_if(places, [](const char* place) {
        std::error_code ignored;
        return std::filesystem::exists(place, ignored);
    });
    return found == places.end() ? places.front() : *found;
}

}  // namespace

// Settings of the session are made later: poolers refuse them here.
StartupParameters::StartupParameters(const Startup& startup) {
    // What comes later holds.
    add("fallback_application_name", startup.application_name);
    // A peer that is gone without a word is noticed within a minute and a half, not in two hours.
    add("keepalives_idle", "60");
    add("keepalives_interval", "10");
    add("keepalives_count", "3");
    add("dbname", startup.url.secret_text());
    add("client_encoding", "UTF8");
    if (startup.url.option("sslrootcert") == "system" && PQlibVersion() < libpq_that_knows_system) {
        add("sslrootcert", system_authorities());
        add("sslmode", "verify-full");
    }
    for (const auto& [keyword, value] : parameters_) {
        keywords_.push_back(keyword);
        values_.push_back(value.c_str());
    }
    keywords_.push_back(nullptr);
    values_.push_back(nullptr);
}

void StartupParameters::add(const char* keyword, std::string value) {
    parameters_.emplace_back(keyword, std::move(value));
}

ConnectionHandle start_connecting(const Startup& startup) {
    const StartupParameters parameters{startup};
    ConnectionHandle connection{
        PQconnectStartParams(parameters.keywords(), parameters.values(), 1)};
    if (!connection) throw std::bad_alloc{};
    PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    return connection;
}

std::chrono::milliseconds attempt_timeout(const Startup& startup) noexcept {
    // As libpq has it: whole seconds, at least two.
    constexpr int least = 2;
    const auto text = startup.url.option("connect_timeout");
    int seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (seconds <= 0) return startup.attempt_timeout;
    return std::chrono::seconds{std::max(seconds, least)};
}

}  // namespace tenantry::pg
