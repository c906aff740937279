#pragma once
/// Who signs in to the mail server, and what must not be told of it.

#include "mail/smtp.hpp"

#include <string>
#include <string_view>

namespace tenantry::mail {

class Credentials {
public:
    Credentials(std::string user, Password password);

    bool empty() const noexcept { return user_.empty(); }
    const std::string& user() const noexcept { return user_; }
    const Password& password() const noexcept { return password_; }

    /// `text` for people: printable, and without what repeats the password, as it is or as AUTH
    /// sends it. A server is free to quote what it didn't like.
    std::string presentable(std::string_view text) const;

private:
    std::string user_;
    Password password_;
};

}  // namespace tenantry::mail
