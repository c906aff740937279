#include "lead_import.hpp"

#include <gtest/gtest.h>

namespace tenantry::http {
namespace {

std::string read(std::string_view query) {
    const auto options = parse_import_options(Target::parse("/?" + std::string{query}).value());
    if (!options) {
        return std::string{code_of(options.error().code)} + " " + options.error().field;
    }
    std::string text = options->dry_run ? "dry" : "";
    text += "+" + options->country.digits();
    for (const auto& rule : options->rules) text += " " + rule.header + ">" + rule.target;
    return text;
}

TEST(ImportOptions, AreRead) {
    EXPECT_EQ(read(""), "+1");
    EXPECT_EQ(read("dry_run=true&country_code=%2B49"), "dry+49");
    EXPECT_EQ(read("dry_run=false&country_code="), "+1");
    EXPECT_EQ(read("map=A+B%3Demail&map=x%3Dy%3Dmetadata.z&map="), "+1 A B>email x=y>metadata.z");
}

TEST(ImportOptions, AreRefusedByTheirName) {
    EXPECT_EQ(read("dry_run=1"), "bad_value dry_run");
    EXPECT_EQ(read("country_code=12345"), "bad_value country_code");
    EXPECT_EQ(read("map=email"), "bad_value map");
    std::string many = "dry_run=true";
    for (int i = 0; i <= 1000; ++i) many += "&map=a%3Demail";
    EXPECT_EQ(read(many), "bad_query map");
}

}  // namespace
}  // namespace tenantry::http
