#include "cli/actor.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <pwd.h>
#include <unistd.h>

namespace tenantry::cli {

std::string actor() {
    constexpr std::size_t buffer_bytes = 16UL * 1024;
    std::string buffer(buffer_bytes, '\0');
    passwd entry{};
    passwd* found = nullptr;
    const auto user = ::getuid();
    if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr &&
        is_clean_utf8(entry.pw_name)) {
        return fmt::format("cli:{}", entry.pw_name);
    }
    return fmt::format("cli:{}", user);
}

}  // namespace tenantry::cli
