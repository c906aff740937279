#include "cli/actor.hpp"

#include <fmt/format.h>

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace tenantry::cli {

std::string actor() {
    const auto user = ::geteuid();
    std::array<char, 4096> buffer{};
    struct passwd entry{};
    struct passwd* found = nullptr;
    if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return fmt::format("cli:{}", found->pw_name);
    return fmt::format("cli:{}", user);
}

}  // namespace tenantry::cli
