#pragma once
/// What the handlers of /auth/v1 work with.

#include "engine/executor.hpp"
#include "http/app.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "path_pattern.hpp"
#include "services/accounts.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::http::auth_api {

/// What the events tell of a request, as far as it got.
struct Trace {
    std::string_view& route;
    std::string& tenant;
    std::string& principal;
};

/// Lives until its answer is there.
struct Call {
    App& app;
    services::Accounts& accounts;
    const Request& request;
    const Target& target;
    engine::Deadline deadline;
    PathIds ids;
    services::Client client;
    Trace& trace;
};

using Answer = boost::asio::awaitable<Result<Response>>;

Answer sign_up(const Call& call);
Answer token(const Call& call);
Answer read_user(const Call& call);
Answer change_user(const Call& call);
Answer log_out(const Call& call);
Answer verify(const Call& call);
Answer recover(const Call& call);
Answer settings(const Call& call);
Answer health(const Call& call);
Answer jwks(const Call& call);

Answer invite(const Call& call);
Answer list_users(const Call& call);
Answer create_user(const Call& call);
Answer read_member(const Call& call);
Answer change_member(const Call& call);
Answer remove_member(const Call& call);

/// A JSON object whose members clients may add to: what isn't known is passed over.
class Body {
public:
    /// Errors: bad_json and its kin; unsupported_media_type. No body at all is an empty object.
    static Result<Body> parse(const Request& request);

    /// nullopt if it is absent or null. Errors: bad_value of another type.
    Result<std::optional<std::string>> text(std::string_view name) const;
    /// Errors also: missing_field.
    Result<std::string> required(std::string_view name) const;
    Result<std::optional<bool>> flag(std::string_view name) const;
    /// The member's JSON, an object. Errors: bad_value.
    Result<std::optional<std::string>> object(std::string_view name) const;

private:
    explicit Body(boost::json::object members) : members_{std::move(members)} {}
    const boost::json::value* find(std::string_view name) const;
    boost::json::object members_;
};

boost::json::object user_json(const services::AccountView& view);
Response session_answer(const services::SignedIn& signed_in);
Response json_answer(const boost::json::object& object, Status status = Status::ok);

}  // namespace tenantry::http::auth_api
