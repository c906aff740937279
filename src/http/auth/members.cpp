// What the administrators of a tenant do with its members' accounts.

#include "auth/call.hpp"
#include "authentication.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenantry::http::auth_api {
namespace {

namespace json = boost::json;

constexpr std::size_t per_page_max = 1000;
constexpr std::size_t per_page_default = 50;

boost::asio::awaitable<Result<TenantScope>> administrator(const Call& call) {
    auto given = bearer_of(call.request);
    if (!given) co_return given.error();
    std::string bearer{given->empty() ? std::string_view{call.request.apikey} : *given};
    const auto now = call.app.clock.now();
    auto findings =
        co_await call.app.issuer.learn(bearer, call.request.tenant_selector, now, call.deadline);
    if (!findings) co_return findings.error();
    auto scope = call.app.issuer.from_token(bearer, call.request.tenant_selector, now, *findings);
    if (!scope) co_return scope.error();
    if (scope->role() < Role::admin) co_return fail(Errc::not_admin, "User not allowed");
    call.trace.tenant = scope->tenant().text();
    call.trace.principal = scope->principal();
    co_return scope;
}

Result<std::size_t> number_in(const Target& target, std::string_view name, std::size_t otherwise,
                              std::size_t most) {
    const auto* text = target.find(name);
    if (text == nullptr) return otherwise;
    std::size_t value = 0;
    const auto* end = text->data() + text->size();
    const auto [stopped, error] = std::from_chars(text->data(), end, value);
    if (error != std::errc{} || stopped != end || value == 0 || value > most) {
        return fail(Errc::out_of_range, fmt::format("{} must be a number from 1 to {}", name, most),
                    std::string{name});
    }
    return value;
}

/// Clients take the pages' numbers out of it, each the first parameter of its link.
std::string links_of(std::size_t page, std::size_t per_page, std::size_t last) {
    const auto link = [&](std::size_t to, std::string_view rel) {
        return fmt::format("</admin/users?page={}&per_page={}>; rel=\"{}\"", to, per_page, rel);
    };
    return page < last ? link(page + 1, "next") + ", " + link(last, "last") : link(last, "last");
}

Result<UserId> user_in(const Call& call) {
    auto user = UserId::parse(call.ids[0]);
    if (!user) return fail(Errc::bad_value, "the id of the user is not a UUID", "id");
    return *user;
}

/// `app_metadata.tenant_role`: what the user is in the tenant. A tenant_id may only agree.
Result<Role> role_in(const Body& body, const TenantId& tenant) {
    TENANTRY_TRY(text, body.object("app_metadata"));
    if (!text) return Role::viewer;
    const auto metadata = json::parse(*text).get_object();
    if (const auto* named = metadata.if_contains("tenant_id")) {
        if (!named->is_string() || named->get_string() != tenant.text())
            return fail(Errc::tenant_mismatch,
                        "app_metadata.tenant_id is another tenant than yours");
    }
    const auto* role = metadata.if_contains("tenant_role");
    if (role == nullptr) return Role::viewer;
    if (role->is_string()) {
        if (const auto known = parse_role(role->get_string())) return *known;
    }
    return fail(Errc::bad_value, "tenant_role must be viewer, operator, admin or owner",
                "app_metadata");
}

/// Whom a call about one member is for, and by whom.
struct Asked {
    TenantScope scope;
    UserId user;
};

boost::asio::awaitable<Result<Asked>> about_member(const Call& call) {
    auto scope = co_await administrator(call);
    if (!scope) co_return scope.error();
    const auto user = user_in(call);
    if (!user) co_return user.error();
    co_return Asked{std::move(*scope), *user};
}

Result<services::ManagedChanges> account_in(const Body& body) {
    TENANTRY_TRY(password, body.text("password"));
    TENANTRY_TRY(data, body.object("user_metadata"));
    TENANTRY_TRY(confirmed, body.flag("email_confirm"));
    return services::ManagedChanges{std::move(password), std::move(data),
                                    confirmed.value_or(false)};
}

}  // namespace

Answer invite(const Call& call) {
    auto scope = co_await administrator(call);
    if (!scope) co_return scope.error();
    auto body = Body::parse(call.request);
    if (!body) co_return body.error();
    auto email = body->required("email");
    if (!email) co_return email.error();
    auto role = role_in(*body, scope->tenant());
    if (!role) co_return role.error();
    auto sent = co_await call.accounts.invite(*scope, *email, *role, call.deadline);
    if (!sent) co_return sent.error();
    co_return json_answer({{"email", *email}, {"role", name_of(*role)}});
}

Answer list_users(const Call& call) {
    auto scope = co_await administrator(call);
    if (!scope) co_return scope.error();
    const auto page = number_in(call.target, "page", 1, 1'000'000);
    if (!page) co_return page.error();
    const auto per_page = number_in(call.target, "per_page", per_page_default, per_page_max);
    if (!per_page) co_return per_page.error();
    auto found =
        co_await call.accounts.members(*scope, *per_page, (*page - 1) * *per_page, call.deadline);
    if (!found) co_return found.error();
    json::array users;
    for (const auto& view : found->views) users.push_back(user_json(view));
    auto response = json_answer({{"users", std::move(users)}, {"aud", "authenticated"}});
    const auto last = std::max<std::size_t>(1, (found->total + *per_page - 1) / *per_page);
    add_header(response, "x-total-count", std::to_string(found->total));
    add_header(response, "link", links_of(*page, *per_page, last));
    co_return response;
}

Answer create_user(const Call& call) {
    auto scope = co_await administrator(call);
    if (!scope) co_return scope.error();
    auto body = Body::parse(call.request);
    if (!body) co_return body.error();
    auto email = body->required("email");
    if (!email) co_return email.error();
    auto account = account_in(*body);
    if (!account) co_return account.error();
    auto role = role_in(*body, scope->tenant());
    if (!role) co_return role.error();
    services::SignUp wish{std::move(*email), account->password.value_or(""),
                          account->user_metadata.value_or("{}")};
    auto made = co_await call.accounts.add_member(*scope, std::move(wish), account->confirmed,
                                                  *role, call.deadline);
    if (!made) co_return made.error();
    co_return json_answer(user_json(*made));
}

Answer read_member(const Call& call) {
    auto asked = co_await about_member(call);
    if (!asked) co_return asked.error();
    auto view = co_await call.accounts.member(asked->scope, asked->user, call.deadline);
    if (!view) co_return view.error();
    co_return json_answer(user_json(*view));
}

Answer change_member(const Call& call) {
    auto asked = co_await about_member(call);
    if (!asked) co_return asked.error();
    auto body = Body::parse(call.request);
    if (!body) co_return body.error();
    auto changes = account_in(*body);
    if (!changes) co_return changes.error();
    auto view = co_await call.accounts.change_member(asked->scope, asked->user, std::move(*changes),
                                                     call.deadline);
    if (!view) co_return view.error();
    co_return json_answer(user_json(*view));
}

Answer remove_member(const Call& call) {
    auto asked = co_await about_member(call);
    if (!asked) co_return asked.error();
    auto view = co_await call.accounts.member(asked->scope, asked->user, call.deadline);
    if (!view) co_return view.error();
    auto gone = co_await call.accounts.remove_member(asked->scope, asked->user, call.deadline);
    if (!gone) co_return gone.error();
    co_return json_answer(user_json(*view));
}

}  // namespace tenantry::http::auth_api
