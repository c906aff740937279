#pragma once
/// What accounts send by mail, and the thread that sends it.

#include "mail/smtp.hpp"
#include "server/config.hpp"
#include "server/log.hpp"
#include "services/accounts.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace tenantry::server {

/// Mails wait in memory, and are tried a few times: who gets none asks again.
/// Threads: any, at the same time.
class AccountMail final : public services::AccountMailer {
public:
    static constexpr std::size_t waiting_max = 1000;

    /// Without a server, `smtp` is nullptr and nothing is ever sent. `log` must outlive it.
    AccountMail(std::shared_ptr<mail::Smtp> smtp, std::string site_url, Log& log);
    ~AccountMail() override;
    AccountMail(const AccountMail&) = delete;
    AccountMail& operator=(const AccountMail&) = delete;

    bool ready() const override { return smtp_ != nullptr; }
    void send(engine::MailPurpose purpose, const std::string& email,
              std::string_view token) override;
    void lost(std::string_view why) noexcept override { log_.observe(MailFailed{why}); }
    /// Ends what is under way; what waits is given up. Again, it does nothing.
    void stop();

private:
    struct Waiting {
        mail::Message message;
        int attempts = 0;
    };
    void run();
    void deliver(Waiting waiting);

    const std::shared_ptr<mail::Smtp> smtp_;
    const std::string site_url_;
    Log& log_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Waiting> waiting_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses the others
};

/// The server for mails, as configured; nullptr without one. Errors: bad_configuration.
Result<std::shared_ptr<mail::Smtp>> configured_smtp(const Configuration& configuration);

}  // namespace tenantry::server
