#include "base/text.hpp"
#include "mail/smtp.hpp"

namespace tenantry::mail {

Result<Address> Address::parse(std::string_view text) {
    if (!is_email(text) || !is_clean_utf8(text))
        return fail(Errc::bad_value, "this is no e-mail address; one is like name@example.com");
    return Address{text};
}

std::string_view Address::domain() const noexcept {
    return std::string_view{text_}.substr(text_.find('@') + 1);
}

}  // namespace tenantry::mail
