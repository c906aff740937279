#include "receiver.hpp"

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tenantry::e2e {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

std::string Received::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
}

class Receiver::Impl {
public:
    Impl(Answering answering, const std::optional<Certificate>& tls)
        : answering_{std::move(answering)} {
        if (tls) {
            tls_.emplace(asio::ssl::context::tls_server);
            tls_->use_certificate_chain_file(tls->chain.string());
            tls_->use_private_key_file(tls->key.string(), asio::ssl::context::pem);
        }
        thread_ = std::thread{[this] { run(); }};
    }
    ~Impl() {
        stopping_ = true;
        boost::system::error_code ignored;
        tcp::socket last{context_};
        last.connect(acceptor_.local_endpoint(), ignored);  // ends the accept that waits
        thread_.join();
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    void answer(Answering answering) {
        const std::lock_guard lock{mutex_};
        answering_ = std::move(answering);
    }

    std::vector<Received> wait_for(std::size_t count, std::chrono::seconds patience) {
        std::unique_lock lock{mutex_};
        more_.wait_for(lock, patience, [&] { return received_.size() >= count; });
        return received_;
    }

private:
    void run() {
        while (true) {
            tcp::socket socket{context_};
            boost::system::error_code failed;
            acceptor_.accept(socket, failed);
            if (stopping_) return;
            if (!failed) serve(std::move(socket));
        }
    }

    /// One request a connection. Whoever doesn't get that far is nobody of interest.
    void serve(tcp::socket socket) {
        try {
            if (!tls_) return exchange(socket);
            asio::ssl::stream<tcp::socket> stream{std::move(socket), *tls_};
            stream.handshake(asio::ssl::stream_base::server);
            exchange(stream);
        } catch (const boost::system::system_error&) {  // NOLINT(bugprone-empty-catch)
        }
    }

    template <class Stream>
    void exchange(Stream& stream) {
        boost::beast::flat_buffer buffer;
        http::request<http::string_body> request;
        http::read(stream, buffer, request);
        Received got{.target = std::string{request.target()}, .body = request.body()};
        for (const auto& field : request) {
            std::string name{field.name_string()};
            std::ranges::transform(name, name.begin(), [](unsigned char c) {
                return static_cast<char>(std::tolower(c));
            });
            got.headers[name] = std::string{field.value()};
        }
        const auto reply = note(std::move(got));
        const auto text = fmt::format("HTTP/1.1 {} Whatever\r\n{}content-length: 0\r\n\r\n",
                                      reply.status, reply.headers);
        asio::write(stream, asio::buffer(text));
    }

    Reply note(Received got) {
        const std::lock_guard lock{mutex_};
        received_.push_back(std::move(got));
        more_.notify_all();
        return answering_ ? answering_(received_.size()) : Reply{};
    }

    asio::io_context context_;
    tcp::acceptor acceptor_{context_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    std::optional<asio::ssl::context> tls_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::condition_variable more_;
    Answering answering_;             // guarded by mutex_
    std::vector<Received> received_;  // likewise
    std::thread thread_;              // last: it uses the others
};

Receiver::Receiver(Answering answering, const std::optional<Certificate>& tls)
    : impl_{std::make_unique<Impl>(std::move(answering), tls)} {}
Receiver::~Receiver() = default;

std::uint16_t Receiver::port() const noexcept { return impl_->port(); }
std::string Receiver::url(const std::string& scheme, const std::string& host,
                          const std::string& path) const {
    return fmt::format("{}://{}:{}{}", scheme, host, port(), path);
}
void Receiver::answer(Answering answering) { impl_->answer(std::move(answering)); }
std::vector<Received> Receiver::received() const {
    return impl_->wait_for(0, std::chrono::seconds{0});
}
std::vector<Received> Receiver::wait_for(std::size_t count) const {
    return impl_->wait_for(count, std::chrono::seconds{30});
}

}  // namespace tenantry::e2e
