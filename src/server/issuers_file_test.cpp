#include "server/issuers_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenantry::server {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view whole = R"({"issuers":[
  {"issuer":"https://a.example/auth/v1","audience":"authenticated","algorithms":["ES256","RS256"],
   "tenant_claim":"app_metadata.tenant_id","jwks_url":"https://a.example/jwks.json"},
  {"issuer":"local","audience":"x","algorithms":["EdDSA"],"jwks_file":"keys.json"}]})";

TEST(IssuersFile, SaysWhomToTrustAndHow) {
    const auto issuers = parse_issuers(whole, "/etc/tenantry").value();
    ASSERT_EQ(issuers.size(), 2U);
    EXPECT_EQ(issuers[0].issuer.issuer, "https://a.example/auth/v1");
    EXPECT_EQ(issuers[0].issuer.audience, "authenticated");
    EXPECT_EQ(issuers[0].issuer.algorithms.size(), 2U);
    EXPECT_EQ(issuers[0].issuer.tenant_claim, "app_metadata.tenant_id");
    EXPECT_EQ(issuers[0].jwks_url, "https://a.example/jwks.json");
    EXPECT_EQ(issuers[1].jwks_file, "/etc/tenantry/keys.json");
    EXPECT_TRUE(parse_issuers(R"({"issuers":[]})", "").value().empty());
}

TEST(IssuersFile, TellsWhatIsWrongAndWhere) {
    const auto refusal = [](std::string_view member, std::string_view instead) {
        std::string text{whole};
        text.replace(text.find(member), member.size(), instead);
        const auto read = parse_issuers(text, "");
        EXPECT_FALSE(read) << text;
        return read ? std::string{} : read.error().message;
    };
    EXPECT_THAT(refusal(R"("issuer":"local",)", ""), HasSubstr("issuers[1]: issuer and audience"));
    EXPECT_THAT(refusal(R"("audience":"x",)", ""), HasSubstr("issuers[1]"));
    EXPECT_THAT(refusal(R"(["EdDSA"])", "[]"), HasSubstr("algorithms"));
    EXPECT_THAT(refusal(R"(["EdDSA"])", R"(["HS256"])"), HasSubstr("algorithms"));
    EXPECT_THAT(refusal(R"(["EdDSA"])", R"(["none"])"), HasSubstr("algorithms"));
    EXPECT_THAT(refusal(R"(,"jwks_file":"keys.json")", ""), HasSubstr("one of jwks_url"));
    EXPECT_THAT(refusal("https://a.example/jwks", "http://a.example/jwks"),
                HasSubstr("issuers[0]: jwks_url is no https URL"));
    EXPECT_THAT(refusal("https://a.example/jwks", "https://user:pw@a.example/jwks"),
                HasSubstr("jwks_url is no https URL"));
    EXPECT_THAT(refusal("tenant_claim", "tenant_klaim"), HasSubstr("no member tenant_klaim"));
    EXPECT_NE(refusal(R"("local")", R"("https://a.example/auth/v1")"), "") << "twice";
    EXPECT_THAT(refusal(R"({"issuers")", R"({"issuer")"), HasSubstr("no JSON"));
    EXPECT_FALSE(read_issuers_file("/nowhere/issuers.json"));
}

}  // namespace
}  // namespace tenantry::server
