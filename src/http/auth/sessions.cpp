// Signing up, in and out, and what users do with their own account.

#include "auth/call.hpp"
#include "base/random.hpp"
#include "services/records_json.hpp"

namespace tenantry::http::auth_api {
namespace {

namespace json = boost::json;
using services::Bearer;

Result<Bearer> bearer_in(const Call& call) {
    TENANTRY_TRY(text, bearer_of(call.request));
    TENANTRY_TRY(bearer, call.accounts.bearer_of(text));
    call.trace.principal = bearer.user.text();
    return bearer;
}

Response greet(const Call& call, const services::SignedIn& signed_in) {
    call.trace.principal = signed_in.view.account.user.text();
    if (signed_in.view.tenant) call.trace.tenant = signed_in.view.tenant->text();
    return session_answer(signed_in);
}

/// What a stranger sees of a sign-up that takes a mail, whether there is an account or not.
Response as_if_new(const App& app, std::string email, const std::string& data) {
    services::AccountView view{{.user = UserId::from_uuid(new_uuid()),
                                .email = std::move(email),
                                .name = {},
                                .user_metadata = data,
                                .created_at = app.clock.now(),
                                .updated_at = app.clock.now()},
                               {},
                               {}};
    auto user = user_json(view);
    user["confirmation_sent_at"] = services::timestamp_text(app.clock.now());
    return json_answer(user);
}

Answer by_password(const Call& call, const Body& body) {
    auto email = body.required("email");
    if (!email) co_return email.error();
    auto password = body.required("password");
    if (!password) co_return password.error();
    auto signed_in = co_await call.accounts.sign_in(call.client, std::move(*email),
                                                    std::move(*password), call.deadline);
    if (!signed_in) co_return signed_in.error();
    co_return greet(call, *signed_in);
}

Answer by_refresh_token(const Call& call, const Body& body) {
    auto token = body.required("refresh_token");
    if (!token) co_return token.error();
    auto signed_in = co_await call.accounts.refresh(call.client, std::move(*token), call.deadline);
    if (!signed_in) co_return signed_in.error();
    co_return greet(call, *signed_in);
}

/// The access token of one tenant for that of another.
Answer by_access_token(const Call& call, const Body& body) {
    auto bearer = bearer_in(call);
    if (!bearer) co_return bearer.error();
    auto text = body.required("tenant_id");
    if (!text) co_return text.error();
    auto tenant = TenantId::parse(*text);
    if (!tenant) co_return fail(Errc::bad_value, "tenant_id is not a tenant id", "tenant_id");
    auto signed_in =
        co_await call.accounts.switch_tenant(*bearer, std::move(*tenant), call.deadline);
    if (!signed_in) co_return signed_in.error();
    co_return greet(call, *signed_in);
}

Result<engine::MailPurpose> parse_purpose(std::string_view text) {
    if (text == "invite") return engine::MailPurpose::invite;
    if (text == "recovery") return engine::MailPurpose::recovery;
    // What clients call the confirmation of a sign-up since they call all of them by one name.
    if (text == "signup" || text == "email") return engine::MailPurpose::signup;
    return fail(Errc::bad_value, "type must be signup, invite, recovery or email", "type");
}

Result<engine::AccountStore::Which> parse_scope(const std::string* text) {
    using Which = engine::AccountStore::Which;
    if (text == nullptr || *text == "global") return Which::all;
    if (*text == "local") return Which::own;
    if (*text == "others") return Which::others;
    return fail(Errc::bad_value, "scope must be global, local or others", "scope");
}

}  // namespace

Answer sign_up(const Call& call) {
    auto body = Body::parse(call.request);
    if (!body) co_return body.error();
    auto email = body->text("email");
    if (!email) co_return email.error();
    auto password = body->text("password");
    if (!password) co_return password.error();
    if (!*email || !*password) {
        co_return fail(Errc::bad_value, "To signup, please provide your email and password",
                       *email ? "password" : "");
    }
    auto data = body->object("data");
    if (!data) co_return data.error();
    services::SignUp wish{**email, std::move(**password), data->value_or("{}")};
    auto outcome = co_await call.accounts.sign_up(call.client, std::move(wish), call.deadline);
    if (!outcome) co_return outcome.error();
    if (*outcome) co_return greet(call, **outcome);
    co_return as_if_new(call.app, std::move(**email), data->value_or("{}"));
}

Answer token(const Call& call) {
    const auto* type = call.target.find("grant_type");
    auto body = Body::parse(call.request);
    if (!body) co_return body.error();
    const std::string_view wanted = type == nullptr ? std::string_view{} : *type;
    if (wanted == "password") co_return co_await by_password(call, *body);
    if (wanted == "refresh_token") co_return co_await by_refresh_token(call, *body);
    if (wanted == "tenant") co_return co_await by_access_token(call, *body);
    co_return fail(Errc::bad_value, "grant_type must be password, refresh_token or tenant",
                   "grant_type");
}

Answer read_user(const Call& call) {
    auto bearer = bearer_in(call);
    if (!bearer) co_return bearer.error();
    auto view = co_await call.accounts.user(*bearer, call.deadline);
    if (!view) co_return view.error();
    co_return json_answer(user_json(*view));
}

Answer change_user(const Call& call) {
    auto bearer = bearer_in(call);
    if (!bearer) co_return bearer.error();
    auto body = Body::parse(call.request);
    if (!body) co_return body.error();
    auto password = body->text("password");
    if (!password) co_return password.error();
    auto data = body->object("data");
    if (!data) co_return data.error();
    auto email = body->text("email");
    if (!email) co_return email.error();
    if (*email) {
        auto view = co_await call.accounts.user(*bearer, call.deadline);
        if (!view) co_return view.error();
        if (view->account.email != **email) {
            co_return fail(Errc::bad_value,
                           "an address can't be changed here: have the new one invited", "email");
        }
    }
    auto view = co_await call.accounts.change_user(*bearer, std::move(*password), std::move(*data),
                                                   call.deadline);
    if (!view) co_return view.error();
    co_return json_answer(user_json(*view));
}

Answer log_out(const Call& call) {
    auto bearer = bearer_in(call);
    if (!bearer) co_return bearer.error();
    auto which = parse_scope(call.target.find("scope"));
    if (!which) co_return which.error();
    auto done = co_await call.accounts.sign_out(*bearer, *which, call.deadline);
    if (!done) co_return done.error();
    co_return Response{.status = Status::no_content};
}

Answer verify(const Call& call) {
    auto body = Body::parse(call.request);
    if (!body) co_return body.error();
    auto type = body->required("type");
    if (!type) co_return type.error();
    auto purpose = parse_purpose(*type);
    if (!purpose) co_return purpose.error();
    auto token = body->text("token_hash");
    if (!token) co_return token.error();
    if (!*token) {
        co_return fail(Errc::missing_field,
                       "token_hash is required: it is the token in the link that was sent",
                       "token_hash");
    }
    auto signed_in =
        co_await call.accounts.verify(call.client, *purpose, std::move(**token), call.deadline);
    if (!signed_in) co_return signed_in.error();
    co_return greet(call, *signed_in);
}

Answer recover(const Call& call) {
    auto body = Body::parse(call.request);
    if (!body) co_return body.error();
    auto email = body->required("email");
    if (!email) co_return email.error();
    auto sent = co_await call.accounts.recover(call.client, std::move(*email));
    if (!sent) co_return sent.error();
    co_return json_answer({});
}

Answer settings(const Call&) {
    co_return json_answer({{"external", json::object{{"email", true}, {"phone", false}}},
                           {"disable_signup", false},
                           {"mailer_autoconfirm", false},
                           {"phone_autoconfirm", false}});
}

Answer health(const Call&) {
    co_return json_answer({{"name", "Tenantry"}, {"description", "speaks the API of GoTrue"}});
}

Answer jwks(const Call& call) {
    Response response{.body = call.app.jwks ? call.app.jwks() : R"({"keys":[]})"};
    response.cache_control = "public, max-age=600";
    co_return response;
}

}  // namespace tenantry::http::auth_api
