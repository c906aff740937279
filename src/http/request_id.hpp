#pragma once
/// The name under which a request stands in logs and answers.

#include <string>
#include <string_view>

namespace tenantry::http {

/// What a client calls its request (`x-request-id`), if that is 1 to 64 letters, digits, `.`, `_`,
/// `-`; otherwise a name made up here. Those are random: a counter would tell a tenant how much
/// others ask.
std::string request_id_of(std::string_view sent);

}  // namespace tenantry::http
