#pragma once
/// The table of routes: which method and path lead to which handler, and what they ask for.

#include "engine/executor.hpp"
#include "http/app.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>

namespace tenantry::http {

struct Route;

/// What a handler works with. Lives until its answer is there.
struct Call {
    App& app;
    const Request& request;
    const Target& target;
    TenantScope scope;
    engine::Deadline deadline;
    std::string_view id;  // the segment that `{id}` stands for
    const Route& route;
};

using Handler = boost::asio::awaitable<Result<Response>> (*)(const Call& call);
/// Answers without a tenant, and so without anything of one.
using OpenHandler = boost::asio::awaitable<Response> (*)(App& app, const Request& request,
                                                         engine::Deadline deadline);

struct Route {
    Method method;
    std::string_view pattern;   // `{id}` stands for any one segment
    Role role = Role::viewer;   // the weakest that may use it
    Handler handler = nullptr;  // one of the two is set
    OpenHandler open = nullptr;
    std::span<const std::string_view> parameters{};  // those of the query that it knows
    bool any_parameters = false;                     // others are passed over
    bool body_optional = false;                      // of a method that has one
    std::string_view repeated{};                  // the one of them that may stand more than once
    std::string_view media = "application/json";  // of the body, where it has one; empty: any
    /// Who asks may be said by an API key's or token's other places, which Supabase's clients use.
    enum class Credentials {
        bearer,          // Authorization alone
        bearer_or_key,   // the header `apikey` where that is absent
        token_in_query,  // likewise, or the parameter `access_token` (RFC 6750 §2.3)
        key_in_query,    // the parameter `apikey`, the header of that name, Authorization
    };
    Credentials credentials = Credentials::bearer;
    bool undescribed = false;  // speaks a protocol of others', which the document leaves out
    bool takes_file = false;   // its body may have limits.import_bytes_max, and goes to a spool
    /// Of an open one: it asks for an operator's key, unless configured not to.
    bool for_operators = false;
};

struct Match {
    const Route* route = nullptr;
    std::string_view id{};
};

/// The whole table.
std::span<const Route> all_routes();

/// Finds the route; HEAD takes that of GET.
/// Errors: no_such_route; method_not_allowed, if the path has routes for other methods.
Result<Match> find_route(Method method, const Target& target);

/// Whether the route of that target, as sent, takes a file. Never true of a target that needs
/// decoding, which may still lead there: its body is an ordinary one then.
bool takes_file(Method method, std::string_view target) noexcept;

/// The value for `Allow`: the methods of the path, empty if it has none.
std::string allowed_methods(const Target& target);

}  // namespace tenantry::http
