#include "services/lead_mapping.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tenantry::services {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

using Headers = std::vector<std::string>;
using Rules = std::vector<MappingRule>;

/// `header -> column` of all that fill a column, or the refusal.
std::vector<std::string> mapped(const Headers& headers, const Rules& rules = {}) {
    const auto mapping = LeadMapping::make(headers, rules);
    if (!mapping) return {mapping.error().message};
    std::vector<std::string> out;
    for (std::size_t i = 2; i < mapping->columns().size(); ++i) {
        out.push_back(mapping->header_of(i) + " -> " + mapping->columns()[i]->name());
    }
    if (mapping->header_of(1) != "id") out.push_back(mapping->header_of(1) + " -> id");
    return out;
}

TEST(SnakeCaseTest, FoldsSpellings) {
    for (const auto* spelling : {"Phone Number", "phone_number", "PHONE-NUMBER", " phoneNumber ",
                                 "Phone (Number)", "PhoneNumber"}) {
        EXPECT_EQ(snake_case(spelling), "phone_number") << spelling;
    }
    EXPECT_EQ(snake_case("LeadID"), "lead_id");
    EXPECT_EQ(snake_case("UTMSource"), "utm_source");
    EXPECT_EQ(snake_case("Address 2"), "address_2");
    EXPECT_EQ(snake_case("Pr\xC3\xA9nom"), "pr\xC3\xA9nom");
    EXPECT_EQ(snake_case("***"), "");
}

TEST(LeadMappingTest, KnowsTheIncumbentsColumns) {
    EXPECT_THAT(mapped({"lead_id", "first_name", "email", "phone_e164", "tags", "status",
                        "created_at", "metadata"}),
                ElementsAre("first_name -> first_name", "email -> email", "phone_e164 -> phone",
                            "tags -> tags", "status -> status", "created_at -> created_at",
                            "metadata -> metadata", "lead_id -> id"));
}

TEST(LeadMappingTest, KnowsOtherSystemsNames) {
    EXPECT_THAT(
        mapped({"First Name", "Surname", "E-mail Address", "Mobile Phone", "Street Address",
                "ZIP Code", "Lead Source", "Lead Status", "Create Date", "Last Modified"}),
        ElementsAre("First Name -> first_name", "Surname -> last_name", "E-mail Address -> email",
                    "Mobile Phone -> phone", "Street Address -> property_address",
                    "ZIP Code -> postal_code", "Lead Source -> source", "Lead Status -> status",
                    "Create Date -> created_at", "Last Modified -> updated_at"));
}

TEST(LeadMappingTest, RulesComeFirst) {
    EXPECT_THAT(mapped({"Given", "Email", "Email 2", "Rubbish"}, {{"Given", "first_name"},
                                                                  {"Email", "metadata.old_email"},
                                                                  {"Email 2", "email"},
                                                                  {"Rubbish", "-"}}),
                ElementsAre("Given -> first_name", "metadata -> metadata", "Email 2 -> email"));
}

TEST(LeadMappingTest, RulesFindHeadersByAnySpelling) {
    EXPECT_THAT(mapped({" Vorname "}, {{"VORNAME", "first_name"}}),
                ElementsAre("Vorname -> first_name"));
}

TEST(LeadMappingTest, TheFirstRuleOfAHeaderCounts) {
    EXPECT_THAT(
        mapped({"Name", "Email"}, {{"Name", "first_name"}, {"Email", "-"}, {"email", "email"}}),
        ElementsAre("Name -> first_name"));
}

struct Refusal {
    std::string name;
    Headers headers;
    Rules rules;
    Errc code;
    std::vector<std::string> says;
};

class MappingRefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(MappingRefusalTest, SaysWhatToDo) {
    const auto mapping = LeadMapping::make(GetParam().headers, GetParam().rules);
    ASSERT_FALSE(mapping);
    EXPECT_EQ(mapping.error().code, GetParam().code);
    for (const auto& part : GetParam().says) EXPECT_THAT(mapping.error().message, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    Mapping, MappingRefusalTest,
    testing::ValuesIn(std::vector<Refusal>{
        {"NoFirstName",
         {"Name", "Email"},
         {},
         Errc::bad_file,
         {"no header fills first_name", "\"Name\", \"Email\"", "map \"HEADER=first_name\""}},
        {"NoHeader",
         {"Ana", "ana@example.com"},
         {},
         Errc::bad_file,
         {"no header: column 2 of its first row holds data"}},
        {"NoHeaderButRepetitions",
         {"Ada", "2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z"},
         {},
         Errc::bad_file,
         {"no header: column 2 of its first row holds data"}},
        {"Semicolons", {"first_name;email"}, {}, Errc::bad_file, {"separate columns by commas"}},
        {"ColumnTwice",
         {"first_name", "Phone", "Mobile"},
         {},
         Errc::bad_file,
         {"more than one header fills phone", "\"Mobile\"", "map \"Mobile=-\""}},
        {"ColumnTwiceByRule",
         {"first_name", "Email", "Other"},
         {{"Other", "email"}},
         Errc::bad_file,
         {"more than one header fills email"}},
        {"KeyTwice",
         {"first_name", "Notes", "notes"},
         {},
         Errc::bad_file,
         {"more than one header fills metadata.notes"}},
        {"UnknownHeader",
         {"first_name"},
         {{"Vorname", "first_name"}},
         Errc::bad_value,
         {"names \"Vorname\"", "headers are \"first_name\""}},
    }),
    [](const auto& test) { return test.param.name; });

TEST(MappingRuleTest, Reads) {
    EXPECT_EQ(parse_mapping_rule("Full Name=first_name").value(),
              (MappingRule{"Full Name", "first_name"}));
    EXPECT_EQ(parse_mapping_rule(" a=b = metadata.x.y ").value(),
              (MappingRule{"a=b", "metadata.x.y"}));
    EXPECT_EQ(parse_mapping_rule("Notes=-").value(), (MappingRule{"Notes", "-"}));
}

TEST(MappingRuleTest, Refuses) {
    for (const auto* text : {"Name", "=first_name", "Name=", "Name=nonesuch", "Name=metadata.",
                             "Name=\xFF", "\xFF=email"}) {
        const auto rule = parse_mapping_rule(text);
        ASSERT_FALSE(rule) << text;
        EXPECT_EQ(rule.error().code, Errc::bad_value);
    }
    EXPECT_THAT(parse_mapping_rule("Name=nonesuch").error().message,
                AllOf(HasSubstr("first_name, last_name"), HasSubstr("\"Name\"")));
}

TEST(MappingFileTest, Reads) {
    EXPECT_THAT(parse_mapping_file(
                    "[columns]\n\"Full Name\" = \"first_name\"\nNotes = \"metadata.remarks\"\n")
                    .value(),
                ElementsAre(MappingRule{"Full Name", "first_name"},
                            MappingRule{"Notes", "metadata.remarks"}));
}

TEST(MappingFileTest, Refuses) {
    const auto message = [](std::string_view text) {
        return parse_mapping_file(text).error().message;
    };
    EXPECT_THAT(message("[columns]\nA = first_name\n"),
                HasSubstr("line 2 of the mapping file isn't TOML"));
    EXPECT_THAT(message("[columns]\nA = 1\n"),
                HasSubstr("line 2 of the mapping file: a column's name in quotes"));
    EXPECT_THAT(message("[columns]\n\nA = \"nonesuch\"\n"),
                HasSubstr("line 3 of the mapping file: the mapping of \"A\" must name"));
    EXPECT_THAT(message("[colums]\nA = \"email\"\n"), HasSubstr("only a table [columns]"));
    EXPECT_THAT(message(""), HasSubstr("no table [columns]"));
    EXPECT_THAT(message("\xFF"), HasSubstr("isn't UTF-8"));
}

TEST(CountryCodeTest, Reads) {
    EXPECT_EQ(CountryCode{}.digits(), "1");
    EXPECT_EQ(CountryCode::parse("+44").value().digits(), "44");
    for (const auto* text : {"", "+", "0", "1234", "4a", "++1"})
        EXPECT_FALSE(CountryCode::parse(text)) << text;
}

struct Phone {
    std::string text;
    std::string country;
    std::string number;  // empty: none
};

class PhoneTest : public testing::TestWithParam<Phone> {};

TEST_P(PhoneTest, BecomesE164) {
    const auto number = to_e164(GetParam().text, CountryCode::parse(GetParam().country).value());
    EXPECT_EQ(number.value_or(""), GetParam().number) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Phones, PhoneTest,
                         testing::ValuesIn(std::vector<Phone>{
                             {"(182) 985-8672", "1", "+11829858672"},
                             {"416.555.0100", "1", "+14165550100"},
                             {"1-416-555-0100", "1", "+14165550100"},
                             {"+1 416 555 0100", "44", "+14165550100"},
                             {"+16763113148", "1", "+16763113148"},
                             {"0044 20 7946 0958", "1", "+442079460958"},
                             {"020 7946 0958", "44", "+442079460958"},
                             {"416\xC2\xA0"
                              "555\xC2\xA0"
                              "0100",
                              "1", "+14165550100"},
                             {"555-0100", "1", ""},
                             {"416-555-0100 x5", "1", ""},
                             {"ask Ada", "1", ""},
                             {"", "1", ""},
                             {"+0123456789", "1", ""},
                             {"+1234567890123456", "1", ""},
                         }));

}  // namespace
}  // namespace tenantry::services
