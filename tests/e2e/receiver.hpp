#pragma once
/// A server that webhooks are sent to: it notes what it gets and answers as it is told.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenantry::e2e {

struct Received {
    std::string target{};
    std::map<std::string, std::string> headers{};  // names in lower case
    std::string body{};

    std::string header(const std::string& name) const;
};

class Receiver {
public:
    struct Certificate {
        std::filesystem::path chain;
        std::filesystem::path key;
    };
    /// What is answered to the n-th request, counted from 1: a status, then whole header lines.
    struct Reply {
        unsigned status = 204;
        std::string headers{};
    };
    using Answering = std::function<Reply(std::size_t)>;

    /// Listens on 127.0.0.1; with a certificate, by TLS alone.
    explicit Receiver(Answering answering = {}, const std::optional<Certificate>& tls = {});
    ~Receiver();
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    std::uint16_t port() const noexcept;
    std::string url(const std::string& scheme = "http", const std::string& host = "127.0.0.1",
                    const std::string& path = "/hook") const;
    void answer(Answering answering);

    std::vector<Received> received() const;
    /// Waits for at least that many, up to half a minute; what there is then.
    std::vector<Received> wait_for(std::size_t count) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::e2e
