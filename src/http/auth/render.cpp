// Users and sessions as Supabase's auth writes them.

#include "auth/call.hpp"
#include "services/records_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tenantry::http::auth_api {
namespace {

namespace json = boost::json;

json::value time_json(const std::optional<Timestamp>& time) {
    if (!time) return nullptr;
    return json::value(services::timestamp_text(*time));
}

/// Ours, and checked when it came in.
json::value metadata_of(const engine::AccountRecord& account) {
    boost::system::error_code error;
    auto value = json::parse(account.user_metadata, error);
    return error ? json::value(json::object{}) : std::move(value);
}

json::object app_metadata_of(const services::AccountView& view) {
    json::object out{{"provider", "email"}, {"providers", json::array{"email"}}};
    json::array tenants;
    for (const auto& [tenant, role] : view.memberships) {
        tenants.push_back(json::object{{"tenant_id", tenant.text()}, {"role", name_of(role)}});
        if (view.tenant != tenant) continue;
        out["tenant_id"] = tenant.text();
        out["tenant_role"] = name_of(role);
    }
    out["tenants"] = std::move(tenants);
    return out;
}

}  // namespace

json::object user_json(const services::AccountView& view) {
    const auto& account = view.account;
    const auto id = account.user.text();
    const auto created = time_json(account.created_at);
    const auto updated = time_json(account.updated_at);
    const auto confirmed = time_json(account.email_confirmed_at);
    const auto signed_in = time_json(account.last_sign_in_at);
    json::object identity{{"identity_id", id},
                          {"id", id},
                          {"user_id", id},
                          {"identity_data", json::object{{"email", account.email},
                                                         {"email_verified", !confirmed.is_null()},
                                                         {"phone_verified", false},
                                                         {"sub", id}}},
                          {"provider", "email"},
                          {"last_sign_in_at", signed_in},
                          {"created_at", created},
                          {"updated_at", updated},
                          {"email", account.email}};
    return {{"id", id},
            {"aud", "authenticated"},
            {"role", "authenticated"},
            {"email", account.email},
            {"email_confirmed_at", confirmed},
            {"confirmed_at", confirmed},
            {"phone", ""},
            {"last_sign_in_at", signed_in},
            {"app_metadata", app_metadata_of(view)},
            {"user_metadata", metadata_of(account)},
            {"identities", json::array{std::move(identity)}},
            {"created_at", created},
            {"updated_at", updated},
            {"is_anonymous", false}};
}

Response json_answer(const json::object& object, Status status) {
    return Response{.status = status, .body = json::serialize(object)};
}

Response session_answer(const services::SignedIn& signed_in) {
    const auto expires_at =
        std::chrono::duration_cast<std::chrono::seconds>(signed_in.expires_at.time_since_epoch());
    return json_answer({{"access_token", signed_in.access_token},
                        {"token_type", "bearer"},
                        {"expires_in", signed_in.expires_in.count()},
                        {"expires_at", expires_at.count()},
                        {"refresh_token", signed_in.refresh_token},
                        {"user", user_json(signed_in.view)}});
}

}  // namespace tenantry::http::auth_api
