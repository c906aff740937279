#include "credentials.hpp"

#include "base/text.hpp"
#include "base64.hpp"
#include "wipe.hpp"

#include <utility>

namespace tenantry::mail {
namespace {

/// Whether `text` repeats `secret`, which is wiped.
bool repeats(std::string_view text, std::string secret) {
    const bool found = text.find(secret) != std::string_view::npos;
    wipe(secret);
    return found;
}

}  // namespace

Credentials::Credentials(std::string user, Password password)
    : user_{std::move(user)}, password_{std::move(password)} {}

std::string Credentials::presentable(std::string_view text) const {
    const auto password = password_.bytes();
    if (!password.empty()) {
        // RFC 4616 §2: who to act as, which nobody says, then who it is, then the password.
        std::string plain;
        plain.reserve(user_.size() + password.size() + 2);
        plain.append(1, '\0').append(user_).append(1, '\0').append(password);
        const bool told = text.find(password) != std::string_view::npos ||
                          repeats(text, base64(password)) || repeats(text, base64(plain));
        wipe(plain);
        if (told) return "(a text that repeats the password)";
    }
    return printable(text);
}

}  // namespace tenantry::mail
