#include "mail/smtp.hpp"

#include "credentials.hpp"
#include "render.hpp"
#include "server_url.hpp"
#include "transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <utility>

namespace tenantry::mail {
namespace {

using std::chrono::milliseconds;

Error refusal(std::string why, std::string field) {
    return fail(Errc::bad_configuration, std::move(why), std::move(field));
}

Result<void> check_options(const Options& options) {
    if (!is_header_text(options.from_name) || options.from_name.size() > Message::name_bytes_max) {
        return refusal("the sender's name must be one line of at most 128 bytes of UTF-8",
                       "from_name");
    }
    if (!is_header_text(options.user) || options.user.size() > Options::user_bytes_max)
        return refusal("the mail server's user must be at most 255 bytes of UTF-8", "user");
    const auto password = options.password.bytes();
    if (password.size() > Options::password_bytes_max ||
        password.find('\0') != std::string_view::npos)
        return refusal("the mail server's password must be at most 1 KiB without NUL", "password");
    if (options.user.empty() != password.empty())
        return refusal("the mail server's user and password only go together", "user");
    constexpr auto timeout_max = std::chrono::hours{1};
    for (const auto timeout : {options.connect_timeout, options.timeout}) {
        if (timeout <= milliseconds{0} || timeout > timeout_max)
            return refusal("a time for mail must be more than nothing and at most 1 h", "timeout");
    }
    if (options.ca_file && !std::ifstream{*options.ca_file}) {
        return refusal(
            fmt::format("the file of authorities {} can't be read", options.ca_file->string()),
            "ca_file");
    }
    return {};
}

bool wants_starttls(const ServerUrl& url, StartTls policy) {
    if (url.tls || policy == StartTls::never) return false;
    return policy == StartTls::always || !url.loopback;
}

}  // namespace

class Smtp::Impl {
public:
    Impl(ServerUrl server, Options given, const Clock& clock)
        : server_{std::move(server)},
          credentials_{std::move(given.user), std::move(given.password)},
          options_{std::move(given)},
          clock_{clock} {}

    Result<void> send(const Message& message, Deadline deadline) const {
        TENANTRY_TRY_VOID(check(message));
        if (stopped_) return fail(Errc::shutting_down, "the server is shutting down");
        const auto left =
            std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left <= milliseconds{0})
            return fail(Errc::deadline_exceeded, "there was no time left to send the mail");
        const auto text = render(message, options_, clock_.now(), clock_.new_id());
        Transfer transfer{{.server = server_,
                           .credentials = credentials_,
                           .starttls = wants_starttls(server_, options_.starttls),
                           .ca_file = options_.ca_file,
                           .connect_timeout = options_.connect_timeout,
                           .timeout = std::min(options_.timeout, left),
                           .hurried = left < options_.timeout,
                           .stopped = stopped_}};
        return transfer.run(options_.from, message.to, text);
    }

    void stop() noexcept { stopped_ = true; }

private:
    ServerUrl server_;
    Credentials credentials_;
    Options options_;  // without user and password
    const Clock& clock_;
    std::atomic<bool> stopped_ = false;
};

Result<Smtp> Smtp::make(Options options, const Clock& clock) {
    TENANTRY_TRY(server, parse_server_url(options.url));
    TENANTRY_TRY_VOID(check_options(options));
    return Smtp{std::make_unique<Impl>(std::move(server), std::move(options), clock)};
}

Smtp::Smtp(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Smtp::Smtp(Smtp&&) noexcept = default;
Smtp& Smtp::operator=(Smtp&&) noexcept = default;
Smtp::~Smtp() = default;

Result<void> Smtp::send(const Message& message, Deadline deadline) const {
    return impl_->send(message, deadline);
}

void Smtp::stop() noexcept { impl_->stop(); }

}  // namespace tenantry::mail
