#include "base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

namespace tenantry {
namespace {

void fill_random(unsigned char* out, std::size_t count) {
    while (count > 0) {
        const auto got = ::getrandom(out, count, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error{errno, std::generic_category(), "getrandom"};
        }
        out += got;
        count -= static_cast<std::size_t>(got);
    }
}

/// Hands out random bytes from a block, so that an id costs no system call.
class RandomBlock {
public:
    void take(unsigned char* out, std::size_t count) {
        if (left_ < count) {
            fill_random(bytes_, sizeof bytes_);
            left_ = sizeof bytes_;
        }
        auto* from = bytes_ + sizeof bytes_ - left_;
        std::memcpy(out, from, count);
        std::memset(from, 0, count);
        left_ -= count;
    }

private:
    unsigned char bytes_[1024];
    std::size_t left_ = 0;
};

}  // namespace

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    fill_random(reinterpret_cast<unsigned char*>(out.data()), count);
    return out;
}

Uuid new_uuid() {
    thread_local RandomBlock block;
    Uuid value;
    block.take(value.data + 6, 10);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    auto millis =
        static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(now).count());
    for (int i = 5; i >= 0; --i) {
        value.data[i] = static_cast<std::uint8_t>(millis & 255);
        millis >>= 8;
    }
    value.data[6] = static_cast<std::uint8_t>((value.data[6] & 0x0F) | 0x70);
    value.data[8] = static_cast<std::uint8_t>((value.data[8] & 0x3F) | 0x80);
    return value;
}

}  // namespace tenantry
