#include "claims.hpp"

#include "test_tokens.hpp"

#include <gmock/gmock.h>

namespace tenantry::auth {
namespace {

using std::chrono::microseconds;
using test_tokens::at_second;

/// What `json` reads as, together with a good `sub` and `exp`.
Result<TimedClaims> parse_with(std::string_view json) {
    return parse_claims(R"({"sub":"u","exp":100,)" + std::string{json} + "}");
}

TEST(Claims, ReadsEveryClaim) {
    const auto parsed = parse_claims(
        R"({"sub":"u","tenant_id":"acme","role":"admin","exp":100,"nbf":50,"iat":60,"aud":["x"]})");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->claims, (Claims{.subject = "u",
                                      .tenant = TenantId::parse("acme").value(),
                                      .role = "admin",
                                      .expires_at = at_second(100)}));
    EXPECT_EQ(parsed->not_before, at_second(50));
}

TEST(Claims, NeedsSubjectAndExpiryAlone) {
    const auto parsed = parse_claims(R"({"sub":"u","exp":100})");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->claims,
              (Claims{.subject = "u", .tenant = {}, .role = "", .expires_at = at_second(100)}));
    EXPECT_EQ(parsed->not_before, Timestamp::min());
    EXPECT_EQ(parse_claims(R"({"sub":"u"})").error().code, Errc::token_invalid);
    EXPECT_EQ(parse_claims(R"({"exp":100})").error().code, Errc::token_invalid);
    EXPECT_EQ(parse_claims(R"({})").error().code, Errc::token_invalid);
    EXPECT_EQ(parse_claims(R"([])").error().code, Errc::token_invalid);
}

TEST(Claims, SubjectIsCleanTextOfBoundedLength) {
    const auto with_subject = [](std::string_view json) {
        return parse_claims(R"({"exp":100,"sub":)" + std::string{json} + "}");
    };
    EXPECT_EQ(with_subject('"' + std::string(255, 's') + '"').value().claims.subject,
              std::string(255, 's'));
    EXPECT_EQ(with_subject(R"("J\u00f6rg ✓")").value().claims.subject, "Jörg ✓");
    for (const std::string& json :
         {std::string{R"("")"}, '"' + std::string(256, 's') + '"', std::string{R"("a\u0000b")"},
          std::string{"7"}, std::string{"null"}, std::string{"[\"u\"]"}}) {
        const auto refused = with_subject(json);
        ASSERT_TRUE(refused.has_error()) << json;
        EXPECT_EQ(refused.error().code, Errc::token_invalid) << json;
    }
}

TEST(Claims, TimesAreNumbersOfTheYears1970To9999) {
    struct Case {
        std::string_view json;
        std::optional<Timestamp> time;
    };
    const Case cases[] = {
        {"0", at_second(0)},
        {"100", at_second(100)},
        {"100.5", at_second(100) + microseconds{500'000}},
        {"1767229200.75", at_second(1'767'229'200) + microseconds{750'000}},
        {"0.0000019", at_second(0) + microseconds{1}},
        {"1e2", at_second(100)},
        {"1.7672292e9", at_second(1'767'229'200)},
        {"253402300799", at_second(253'402'300'799)},
        {"253402300800", std::nullopt},
        {"253402300799.5", std::nullopt},
        {"-1", std::nullopt},
        {"-0.5", std::nullopt},
        {"9223372036854775807", std::nullopt},
        {"9223372036854775808", std::nullopt},
        {"18446744073709551615", std::nullopt},
        {"1e19", std::nullopt},
        {"1e308", std::nullopt},
        {"1e999", std::nullopt},
        {R"("100")", std::nullopt},
        {"true", std::nullopt},
        {"null", std::nullopt},
        {"[100]", std::nullopt},
        {"{}", std::nullopt},
    };
    for (const auto& [json, time] : cases) {
        const auto as_expiry = parse_claims(R"({"sub":"u","exp":)" + std::string{json} + "}");
        const auto as_start = parse_with(R"("nbf":)" + std::string{json});
        ASSERT_EQ(as_expiry.has_value(), time.has_value()) << json;
        ASSERT_EQ(as_start.has_value(), time.has_value()) << json;
        if (time) {
            EXPECT_EQ(as_expiry->claims.expires_at, *time) << json;
            EXPECT_EQ(as_start->not_before, *time) << json;
        } else {
            EXPECT_EQ(as_expiry.error().code, Errc::token_invalid) << json;
            EXPECT_EQ(as_start.error().code, Errc::token_invalid) << json;
        }
    }
}

TEST(Claims, TenantComesFromItsTwoClaimsAlone) {
    struct Case {
        std::string_view json;
        std::string_view tenant;  // empty: none
    };
    const Case cases[] = {
        {R"("tenant_id":"a")", "a"},
        {R"("app_metadata":{"tenant_id":"a"})", "a"},
        {R"("app_metadata":{"tenant_id":"a","x":1},"tenant_id":"a")", "a"},
        {R"("app_metadata":{})", ""},
        {R"("app_metadata":null)", ""},
        {R"("app_metadata":{"app_metadata":{"tenant_id":"a"}})", ""},
        {R"("user_metadata":{"tenant_id":"b"})", ""},
        {R"("user_metadata":{"tenant_id":"b"},"tenant_id":"a")", "a"},
        {R"("user_metadata":{"app_metadata":{"tenant_id":"b"}})", ""},
        {R"("user_metadata":7)", ""},
        {R"("Tenant_Id":"b","tenantId":"b","tenant":"b","org_id":"b")", ""},
    };
    for (const auto& [json, tenant] : cases) {
        const auto parsed = parse_with(json);
        ASSERT_TRUE(parsed) << json;
        EXPECT_EQ(parsed->claims.tenant ? parsed->claims.tenant->text() : "", tenant) << json;
    }
}

TEST(Claims, UnclearTenantIsRefused) {
    for (const std::string_view json : {R"("tenant_id":"a","app_metadata":{"tenant_id":"b"})",
                                        R"("tenant_id":"a","app_metadata":{"tenant_id":"A"})",
                                        R"("tenant_id":"a","app_metadata":{"tenant_id":null})",
                                        R"("tenant_id":null,"app_metadata":{"tenant_id":"a"})",
                                        R"("tenant_id":null)",
                                        R"("tenant_id":"")",
                                        R"("tenant_id":" a")",
                                        R"("tenant_id":"a b")",
                                        R"("tenant_id":"-a")",
                                        R"("tenant_id":"a\u0000")",
                                        R"("tenant_id":"a/../b")",
                                        R"("tenant_id":1)",
                                        R"("tenant_id":["a"])",
                                        R"("tenant_id":{"tenant_id":"a"})",
                                        R"("app_metadata":{"tenant_id":1})",
                                        R"("app_metadata":{"tenant_id":""})",
                                        R"("app_metadata":"a")",
                                        R"("app_metadata":[{"tenant_id":"a"}])",
                                        R"("app_metadata":{"tenant_id":"a","tenant_id":"b"})",
                                        R"("tenant_id":"a","tenant_id":"b")",
                                        R"("tenant_id":"a","tenant_id":"a")"}) {
        const auto refused = parse_with(json);
        ASSERT_TRUE(refused.has_error()) << json;
        EXPECT_EQ(refused.error().code, Errc::token_invalid) << json;
    }
    const std::string longest(255, 't');
    EXPECT_TRUE(parse_with(R"("tenant_id":")" + longest + '"'));
    EXPECT_FALSE(parse_with(R"("tenant_id":"t)" + longest + '"'));
}

TEST(Claims, RoleIsTextOrAbsent) {
    EXPECT_EQ(parse_with(R"("role":"viewer")").value().claims.role, "viewer");
    EXPECT_EQ(parse_with(R"("role":"Anything at all")").value().claims.role, "Anything at all");
    for (const std::string_view json : {R"("role":"")", R"("role":null)", R"("role":["admin"])",
                                        R"("role":1)", R"("role":"viewer","role":"owner")"}) {
        EXPECT_EQ(parse_with(json).error().code, Errc::token_invalid) << json;
    }
}

TEST(Claims, RolesOfApplicationsStandForTheirSubject) {
    for (const std::string role : {"anon", "service_role"}) {
        const auto parsed = parse_claims(R"({"exp":100,"role":")" + role + "\"}");
        ASSERT_TRUE(parsed) << role;
        EXPECT_EQ(parsed->claims.subject, role);
        EXPECT_EQ(parsed->claims.role, role);
        EXPECT_EQ(parse_with(R"("role":")" + role + '"')->claims.subject, "u");
        for (const auto* subject : {"null", "\"\"", "7"}) {
            EXPECT_FALSE(
                parse_claims(R"({"exp":100,"role":")" + role + R"(","sub":)" + subject + '}'));
        }
    }
    for (const auto* role : {"owner", "authenticated", "ANON", "anon "})
        EXPECT_FALSE(parse_claims(R"({"exp":100,"role":")" + std::string{role} + "\"}")) << role;
}

TEST(Claims, SessionIsAUuidOrAbsent) {
    EXPECT_EQ(parse_with(R"("role":"x")")->claims.session, std::nullopt);
    EXPECT_EQ(parse_with(R"("session_id":"01890a5d-ac96-774b-bcce-b302099a8057")")->claims.session,
              parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057").value());
    for (const auto* session :
         {"null", "\"\"", "7", "\"01890a5d\"", "\"01890a5d-ac96-774b-bcce-b302099a8057 \""}) {
        const auto refused = parse_with(R"("session_id":)" + std::string{session});
        ASSERT_TRUE(refused.has_error()) << session;
        EXPECT_EQ(refused.error().code, Errc::token_invalid) << session;
    }
}

TEST(Claims, PrintedClaimsReadAsWritten) {
    const Claims claims{.subject = "\"quoted\" \\ Jörg\n",
                        .tenant = TenantId::parse("acme").value(),
                        .role = "operator",
                        .expires_at = at_second(200),
                        .session = parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057").value()};
    EXPECT_EQ(parse_claims(print_claims(claims, at_second(100))).value().claims, claims);
    const Claims without_tenant{
        .subject = "u", .tenant = {}, .role = "viewer", .expires_at = at_second(200)};
    EXPECT_EQ(print_claims(without_tenant, at_second(100) + microseconds{999'999}),
              R"({"sub":"u","role":"viewer","iat":100,"exp":200})");
}

}  // namespace
}  // namespace tenantry::auth
