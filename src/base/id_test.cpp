#include "base/id.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <type_traits>

namespace tenantry {
namespace {

// Ids are proofs of their kind: nothing turns into one but by parsing.
static_assert(!std::is_constructible_v<TenantId, LeadId>);
static_assert(!std::is_constructible_v<LeadId, AgentId>);
static_assert(!std::is_convertible_v<LeadId, AgentId>);
static_assert(!std::is_constructible_v<LeadId, std::string>);
static_assert(!std::is_constructible_v<LeadId, Uuid>);
static_assert(!std::is_constructible_v<TenantId, std::string>);
static_assert(!std::is_constructible_v<TenantId, const char*>);
static_assert(!std::is_default_constructible_v<TenantId>);
static_assert(!std::is_default_constructible_v<LeadId>);
static_assert(!std::equality_comparable_with<LeadId, AgentId>);
static_assert(std::is_copy_assignable_v<TenantId>);

constexpr std::string_view sample = "0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d";

std::string print(const Uuid& value) {
    std::string out;
    append_uuid(out, value);
    return out;
}

TEST(Uuid, ReadsEitherCaseAndWritesLowerCase) {
    EXPECT_EQ(print(parse_uuid(sample).value()), sample);
    EXPECT_EQ(print(parse_uuid("0194F2A1-7C3E-7B12-9D55-00FF10AB3C4D").value()), sample);
    EXPECT_EQ(parse_uuid(sample).value().data[0], 0x01);
    EXPECT_EQ(parse_uuid(sample).value().data[15], 0x4d);
}

TEST(Uuid, PrintingAppends) {
    std::string out = "id=";
    append_uuid(out, parse_uuid(sample).value());
    EXPECT_EQ(out, "id=" + std::string{sample});
}

TEST(Uuid, RefusesEveryOtherForm) {
    const std::string_view bad[] = {
        "",
        "0194f2a1",
        "0194f2a17c3e7b129d5500ff10ab3c4d",
        "{0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d}",
        "0194f2a1-7c3e-7b12-9d55-00ff10ab3c4",
        "0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d0",
        "0194f2a1-7c3e-7b12-9d55-00ff10ab3c4g",
        "0194f2a17-c3e-7b12-9d55-00ff10ab3c4d",
        "0194f2a1_7c3e_7b12_9d55_00ff10ab3c4d",
        " 194f2a1-7c3e-7b12-9d55-00ff10ab3c4d",
        "0194f2a1-7c3e-7b12-9d55-00ff10ab3c4\n",
        "urn:uuid:0194f2a1-7c3e-7b12-9d55-00ff",
    };
    for (const auto text : bad) {
        const auto parsed = parse_uuid(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::bad_id) << text;
    }
}

TEST(Uuid, EachPositionIsChecked) {
    for (std::size_t i = 0; i < sample.size(); ++i) {
        std::string text{sample};
        text[i] = text[i] == '-' ? '0' : '-';
        EXPECT_FALSE(parse_uuid(text)) << text;
    }
}

TEST(Id, KeepsItsUuid) {
    const auto id = LeadId::parse(sample).value();
    EXPECT_EQ(id.text(), sample);
    EXPECT_EQ(id, LeadId::from_uuid(parse_uuid(sample).value()));
    EXPECT_NE(id, LeadId::parse("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4e").value());
    EXPECT_EQ(LeadId::parse("lead 7").error().code, Errc::bad_id);
}

TEST(TenantId, TakesWhatTheRuleAllows) {
    for (const std::string& text :
         {std::string{"a"}, std::string{"7"}, std::string{"acme"}, std::string{"Acme-Realty_2.eu"},
          std::string{"0."}, std::string(255, 'x')}) {
        const auto parsed = TenantId::parse(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed->text(), text);
    }
}

TEST(TenantId, RefusesAllElse) {
    const std::string nul{"a\0b", 3};
    for (const std::string& text :
         {std::string{}, std::string{"-a"}, std::string{".a"}, std::string{"_a"}, std::string{" a"},
          std::string{"a "}, std::string{"a/b"}, std::string{"a'b"}, std::string{"a\nb"},
          std::string{"a%"}, std::string{"é"}, std::string{"a\xff"}, nul, std::string(256, 'x')}) {
        const auto parsed = TenantId::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::bad_id);
        // What was given is not repeated: it may be another tenant's.
        EXPECT_EQ(parsed.error(), TenantId::parse("").error());
    }
}

TEST(TenantId, IsComparedByItsBytes) {
    const auto a = TenantId::parse("acme").value();
    EXPECT_EQ(a, TenantId::parse("acme").value());
    EXPECT_NE(a, TenantId::parse("Acme").value());
    EXPECT_LT(TenantId::parse("Acme").value(), a);
    EXPECT_LT(a, TenantId::parse("acme.").value());
}

}  // namespace
}  // namespace tenantry
