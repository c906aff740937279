// Spec: RFC 8446 §4.1.2 (ClientHello), RFC 6066 §3 (server_name).
#include "engine/faulty_proxy.hpp"

#include <cstdint>

namespace tenantry::engine::testing {
namespace {

/// Bytes taken from the front; what is beyond the end makes it empty.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_{bytes} {}

    std::size_t number(int width) {
        std::size_t value = 0;
        for (const char c : take(static_cast<std::size_t>(width)))
            value = (value << 8U) | static_cast<std::uint8_t>(c);
        return value;
    }
    std::string_view take(std::size_t count) {
        if (count > bytes_.size()) {
            bytes_ = {};
            return {};
        }
        const auto taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }
    /// What a length of `width` bytes stands before.
    Reader part(int width) { return Reader{take(number(width))}; }
    bool empty() const noexcept { return bytes_.empty(); }

private:
    std::string_view bytes_;
};

constexpr std::size_t ssl_request_bytes = 8;
constexpr std::size_t ssl_request = 80877103;
constexpr std::size_t handshake = 22;
constexpr std::size_t client_hello = 1;
constexpr std::size_t server_name_extension = 0;

}  // namespace

std::string server_name_in(std::string_view bytes) {
    Reader all{bytes};
    if (all.number(4) != ssl_request_bytes || all.number(4) != ssl_request) return {};
    if (all.number(1) != handshake) return {};
    all.take(2);  // version
    Reader record = all.part(2);
    if (record.number(1) != client_hello) return {};
    Reader hello = record.part(3);
    hello.take(2 + 32);  // version, random
    hello.part(1);       // session
    hello.part(2);       // cipher suites
    hello.part(1);       // compression
    Reader extensions = hello.part(2);
    while (!extensions.empty()) {
        const auto type = extensions.number(2);
        Reader body = extensions.part(2);
        if (type != server_name_extension) continue;
        Reader names = body.part(2);
        names.take(1);  // a host's name
        return std::string{names.take(names.number(2))};
    }
    return {};
}

}  // namespace tenantry::engine::testing
