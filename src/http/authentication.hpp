#pragma once
/// Who asks, and whether they may: of every request, before anything else of it is looked at.

#include "http/app.hpp"
#include "http/request.hpp"
#include "routes.hpp"

#include <boost/asio/awaitable.hpp>

namespace tenantry::http {

/// Whether what the server remembers will do, if the request is allowed by it: the scope then has a
/// premise. Refusals always rest on the committed state.
enum class Memory { will_do, will_not_do };

/// What the request identifies itself with, where its route says; empty: nothing.
/// Errors: token_invalid for an Authorization of another scheme; those of Target::parse.
Result<std::string> credential_of(const Request& request, const Route& route);

/// Errors: those of credential_of, of ScopeIssuer::from_token and of its directory. Throws: engine
/// faults.
boost::asio::awaitable<Result<TenantScope>> authenticate(App& app, const Request& request,
                                                         const Route& route, Memory memory,
                                                         engine::Deadline deadline);

/// Whether an error says nothing about rights, and may be over soon.
bool is_passing(Errc code) noexcept;

/// The scope that an operator's key gives. Errors: those of ScopeIssuer::for_operator and of its
/// directory. Throws: engine faults.
boost::asio::awaitable<Result<auth::OperatorScope>> authenticate_operator(
    App& app, const Request& request, engine::Deadline deadline);

}  // namespace tenantry::http
