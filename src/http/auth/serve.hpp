#pragma once
/// `/auth/v1`: what Supabase's clients sign in with. A table of its own: none of its requests needs
/// a tenant's scope, and what they do is done by services::Accounts.

#include "auth/call.hpp"

namespace tenantry::http::auth_api {

/// Answers a target for which is_auth is true.
boost::asio::awaitable<Response> serve(App& app, const Request& request, const Target& target,
                                       engine::Deadline deadline, Trace trace);

/// The value for `Allow`, as of `allowed_methods`.
std::string allowed_auth_methods(const Target& target);

}  // namespace tenantry::http::auth_api
