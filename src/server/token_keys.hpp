#pragma once
/// The keys that tokens are signed with and verified by, as the file of signing keys has them at
/// the moment.

#include "auth/token.hpp"
#include "base/timestamp.hpp"
#include "periodic.hpp"
#include "server/log.hpp"
#include "server/signing_keys_file.hpp"
#include "services/accounts.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenantry::server {

/// Looks at the file every few seconds; what can't be read is logged, and what was there before
/// goes on. Threads: any, at the same time, but for load and stop. Everything passed must outlive
/// it.
class TokenKeys final : public services::AccessTokenSigner {
public:
    TokenKeys(std::filesystem::path file, auth::TokenVerifier& verifier, const Clock& clock,
              Log& log);
    ~TokenKeys() override;
    TokenKeys(const TokenKeys&) = delete;
    TokenKeys& operator=(const TokenKeys&) = delete;

    /// Reads the file a first time. Errors: bad_configuration.
    Result<void> load();
    void stop();

    Result<std::string> sign(const auth::AccessToken& token) override;
    /// The public halves, as a JWK set.
    std::string jwks() const;
    /// Whose tokens are taken beside the server's own.
    void trust(std::vector<auth::ForeignIssuer> issuers);

private:
    using Keys = std::vector<KeptKey>;
    void look_again() noexcept;
    std::shared_ptr<const Keys> keys() const;
    Result<void> tell_verifier(const Keys& keys);

    const std::filesystem::path file_;
    auth::TokenVerifier& verifier_;
    const Clock& clock_;
    Log& log_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Keys> keys_ = std::make_shared<Keys>();
    std::vector<auth::ForeignIssuer> issuers_;
    std::unique_ptr<Periodic> periodic_;
};

}  // namespace tenantry::server
