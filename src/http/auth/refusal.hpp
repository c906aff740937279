#pragma once
/// Refusals as Supabase's auth writes them.

#include "http/request.hpp"
#include "http/response.hpp"

#include <string_view>

namespace tenantry::http::auth_api {

/// Whether the target, as sent, is under /auth/v1.
bool is_auth(std::string_view target) noexcept;

/// Makes `{"code", "message"}` of a refusal, or for clients that name no version of the API
/// `{"code": status, "error_code", "msg"}`. Other answers stay.
void tell_as_gotrue(const Request& request, Response& response);

}  // namespace tenantry::http::auth_api
