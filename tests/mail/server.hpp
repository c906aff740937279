#pragma once
/// A mail server of Debian's, aiosmtpd, as a process of its own.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tenantry::mail {

/// A message as the server took it.
struct Taken {
    std::string from{};
    std::vector<std::string> to{};
    std::vector<std::string> options{};  // of MAIL FROM
    bool tls = false;
    std::string user{};                            // who signed in, if anybody did
    std::string raw{};                             // as it came, but for doubled dots
    std::map<std::string, std::string> headers{};  // decoded; names in lower case
    std::string text{};                            // decoded; lines end in LF
};

class Server {
public:
    /// With the options of server.py. Throws: std::runtime_error with what it said, if it doesn't
    /// start.
    explicit Server(const std::vector<std::string>& options = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Such as smtp://127.0.0.1:2525.
    std::string url(const std::string& scheme = "smtp",
                    const std::string& host = "127.0.0.1") const;
    std::uint16_t port() const noexcept { return port_; }
    /// All that it has said to have taken.
    std::vector<Taken> taken() const;

private:
    std::filesystem::path folder_;
    pid_t process_ = -1;
    int output_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace tenantry::mail
