#include "schema/array_text.hpp"

#include <gtest/gtest.h>

namespace tenantry::schema {
namespace {

TEST(ArrayText, IsReadAsPostgresqlReadsIt) {
    EXPECT_EQ(parse_array("{}").value(), (TextArray{}));
    EXPECT_EQ(parse_array(" { a , b c ,\"d, \\\"e\\\"\",\"\"} ").value(),
              (TextArray{"a", "b c", "d, \"e\"", ""}));
    EXPECT_EQ(parse_array("{a\\,b,\"null\"}").value(), (TextArray{"a,b", "null"}));
}

TEST(ArrayText, OfWhatIsNoneIsRefused) {
    for (const auto* text : {"", "a", "{", "{a", "{a,}", "{,a}", "{a}b", "{\"a}", "{{a}}", "{null}",
                             "{a\"b\"}", "{a\\"})
        EXPECT_EQ(parse_array(text).error().code, Errc::bad_value) << text;
}

TEST(ArrayText, IsReadBackAsWritten) {
    for (const TextArray& array :
         {TextArray{}, {"a"}, {"", "null", "NULL"}, {"{a,b}", "\\\"", " "}})
        EXPECT_EQ(parse_array(array_text(array)).value(), array);
}

}  // namespace
}  // namespace tenantry::schema
