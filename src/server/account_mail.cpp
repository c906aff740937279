#include "account_mail.hpp"

#include "server/account_links.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <utility>

namespace tenantry::server {
namespace {

constexpr int attempts_max = 3;
constexpr std::chrono::seconds pause{20};  // between attempts
constexpr std::chrono::seconds patience{60};

struct Wording {
    std::string_view subject;
    std::string_view text;  // {} is the link
};

Wording wording_of(engine::MailPurpose purpose) {
    switch (purpose) {
    case engine::MailPurpose::invite:
        return {"Your invitation",
                "You are invited to join.\n\nOpen this link to accept; it works once, within seven "
                "days:\n\n{}\n\nIf you don't know what this is about, do nothing: nobody can sign "
                "in by your address.\n"};
    case engine::MailPurpose::signup:
        return {"Confirm your address",
                "Somebody, we hope you, signed up with this address.\n\nOpen this link to confirm "
                "it; it works once, within a day:\n\n{}\n\nIf that wasn't you, do nothing.\n"};
    case engine::MailPurpose::recovery:
        return {"Sign in and choose a new password",
                "Somebody, we hope you, asked to sign in without the password.\n\nThis link works "
                "once, within an hour:\n\n{}\n\nIf that wasn't you, do nothing: your password "
                "stays as it is.\n"};
    }
    std::abort();
}

}  // namespace

std::string link_of(const std::string& site_url, engine::MailPurpose purpose,
                    std::string_view token) {
    if (site_url.empty()) return std::string{token};
    return fmt::format("{}{}token_hash={}&type={}", site_url,
                       site_url.find('?') == std::string::npos ? '?' : '&', token,
                       engine::name_of(purpose));
}

AccountMail::AccountMail(std::shared_ptr<mail::Smtp> smtp, std::string site_url, Log& log)
    : smtp_{std::move(smtp)}, site_url_{std::move(site_url)}, log_{log} {
    if (smtp_) thread_ = std::thread{[this] { run(); }};
}

AccountMail::~AccountMail() { stop(); }

void AccountMail::send(engine::MailPurpose purpose, const std::string& email,
                       std::string_view token) {
    auto to = mail::Address::parse(email);
    if (!to || !smtp_) return;
    const auto [subject, text] = wording_of(purpose);
    Waiting waiting{{.to = std::move(*to),
                     .subject = std::string{subject},
                     .text = fmt::format(fmt::runtime(text), link_of(site_url_, purpose, token))}};
    const std::lock_guard lock{mutex_};
    if (waiting_.size() >= waiting_max) {
        log_.observe(MailFailed{"more mails wait than are kept"});
        return;
    }
    waiting_.push_back(std::move(waiting));
    wake_.notify_one();
}

void AccountMail::stop() {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(stopping_, true)) return;
        if (smtp_) smtp_->stop();
        wake_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void AccountMail::run() {
    while (true) {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        // One that failed gives the server a moment, and then is the last of those waiting.
        if (next.attempts > 0 && wake_.wait_for(lock, pause, [this] { return stopping_; })) return;
        lock.unlock();
        deliver(std::move(next));
    }
}

void AccountMail::deliver(Waiting waiting) {
    const auto sent = smtp_->send(waiting.message, std::chrono::steady_clock::now() + patience);
    if (sent) return;
    log_.observe(MailFailed{sent.error().message});
    if (++waiting.attempts >= attempts_max) return;
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(waiting));
}

Result<std::shared_ptr<mail::Smtp>> configured_smtp(const Configuration& configuration) {
    const auto& url = configuration.smtp_url.value;
    if (url.empty()) return std::shared_ptr<mail::Smtp>{};
    auto from = mail::Address::parse(configuration.smtp_from.value);
    if (!from) {
        return fail(Errc::bad_configuration,
                    "smtp_from must be the address that mails come from, since there is smtp_url");
    }
    if (configuration.site_url.value.empty()) {
        return fail(Errc::bad_configuration,
                    "site_url must be the page that links in mails lead to, since there is "
                    "smtp_url");
    }
    mail::Options options{.url = url,
                          .user = configuration.smtp_user.value,
                          .from = std::move(*from),
                          .ca_file = configuration.smtp_ca_file.value};
    if (const auto& password = configuration.smtp_password.value)
        options.password = mail::Password{password->bytes()};
    TENANTRY_TRY(smtp, mail::Smtp::make(std::move(options)));
    return std::make_shared<mail::Smtp>(std::move(smtp));
}

}  // namespace tenantry::server
