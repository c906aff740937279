#pragma once
/// Posts to servers that anybody may have named: only to public addresses, unless allowed
/// otherwise, no redirects, no more of an answer than its status.

#include "services/webhook_url.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenantry::webhooks {

struct PostAnswer {
    unsigned status = 0;
    std::optional<std::chrono::seconds> retry_after{};
};

/// Threads: any.
class HttpClient {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    /// Servers' certificates are checked against the authorities that this machine trusts
    /// (SSL_CERT_FILE, SSL_CERT_DIR).
    HttpClient(services::PrivateAddresses policy, std::chrono::milliseconds timeout);

    services::PrivateAddresses policy() const noexcept { return policy_; }
    /// Within `timeout`, but for looking up the name. Resumes on the caller's executor.
    /// Errors: webhook_failed; shutting_down.
    boost::asio::awaitable<Result<PostAnswer>> post(services::WebhookUrl url, Headers headers,
                                                    std::string body);
    /// Ends what is under way, and takes no more.
    void stop();

private:
    using Stream = boost::beast::tcp_stream;
    using Streams = std::list<std::weak_ptr<Stream>>;
    class Registration;
    bool stopped();

    services::PrivateAddresses policy_;
    std::chrono::milliseconds timeout_;
    boost::asio::ssl::context tls_;
    std::mutex mutex_;
    Streams streams_;       // guarded by mutex_
    bool stopped_ = false;  // guarded by mutex_
};

}  // namespace tenantry::webhooks
