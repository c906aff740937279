#pragma once
/// /auth/v1 as clients use it, and what the command line does beside it.

#include "engine/account_store.hpp"
#include "engine/database.hpp"
#include "fixture.hpp"
#include "services/accounts.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string>
#include <string_view>

namespace tenantry::e2e {

struct Session {
    std::string access;
    std::string refresh;
    boost::json::object user;

    std::string id() const { return std::string{user.at("id").as_string()}; }
};

class AuthTest : public ServerTest {
protected:
    AuthTest() : accounts_{engine::open_account_store(options().location()).value()} {
        auto wanted = options();
        wanted.accounts.address_attempts = 10'000;
        start(wanted);
    }

    engine::AccountStore& accounts() { return *accounts_; }
    static TenantId tenant(std::string_view id) { return TenantId::parse(id).value(); }

    Answer auth(std::string method, std::string target, std::string body = {},
                std::string token = {}, std::string headers = {}) const {
        return ask({.method = std::move(method),
                    .target = "/auth/v1/" + std::move(target),
                    .token = std::move(token),
                    .body = std::move(body),
                    .headers = "X-Supabase-Api-Version: 2024-01-01\r\n" + std::move(headers)});
    }
    /// `400 invalid_credentials`.
    static std::string outcome(const Answer& answer) {
        if (answer.status < 300) return std::to_string(answer.status);
        return fmt::format("{} {}", answer.status, answer.code());
    }
    static boost::json::object object(const Answer& answer) {
        return boost::json::parse(answer.body).as_object();
    }
    static Session session(const Answer& answer) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        if (answer.status != 200) return {};
        auto body = object(answer);
        return {std::string{body.at("access_token").as_string()},
                std::string{body.at("refresh_token").as_string()}, body.at("user").as_object()};
    }

    static std::string credentials(std::string_view email, std::string_view password) {
        return fmt::format(R"({{"email":"{}","password":"{}"}})", email, password);
    }
    Answer sign_in(std::string_view email, std::string_view password,
                   std::string_view wanted = {}) const {
        return auth("POST", "token?grant_type=password", credentials(email, password), {},
                    wanted.empty() ? "" : fmt::format("x-tenant-id: {}\r\n", wanted));
    }
    Answer refresh(std::string_view token) const {
        return auth("POST", "token?grant_type=refresh_token",
                    fmt::format(R"({{"refresh_token":"{}"}})", token));
    }
    Answer verify(std::string_view type, std::string_view token) const {
        return auth("POST", "verify",
                    fmt::format(R"({{"type":"{}","token_hash":"{}"}})", type, token));
    }

    /// What a mail would hold.
    std::string link(std::string_view email, std::optional<std::string_view> tenant_id,
                     Role role = Role::viewer) {
        const auto token = services::OpaqueToken::make();
        engine::MailToken mail{
            .purpose = tenant_id ? engine::MailPurpose::invite : engine::MailPurpose::recovery,
            .email = std::string{email},
            .membership = {},
            .expires_at = system_clock().now() + std::chrono::hours{1}};
        if (tenant_id) mail.membership.emplace(tenant(*tenant_id), role);
        EXPECT_TRUE(accounts().keep_mail_token(mail, token.hash, "tests"));
        return token.text;
    }
    /// A member who has chosen a password.
    Session join(std::string_view email, std::string_view tenant_id, std::string_view password,
                 Role role = Role::admin) {
        const auto begun = session(verify("invite", link(email, tenant_id, role)));
        const auto chosen =
            auth("PUT", "user", fmt::format(R"({{"password":"{}"}})", password), begun.access);
        EXPECT_EQ(chosen.status, 200) << chosen.body;
        return begun;
    }
    std::size_t leads_seen(const std::string& access) const {
        const auto answer = ask({.target = "/rest/v1/leads?select=id", .token = access});
        EXPECT_EQ(answer.status, 200) << answer.body;
        return boost::json::parse(answer.body).as_array().size();
    }

private:
    std::unique_ptr<engine::AccountStore> accounts_;
};

}  // namespace tenantry::e2e
