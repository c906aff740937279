#include "services/csv_reader.hpp"

#include "engine/test_database.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

/// Gives at most `step` bytes a read.
class SlowSource final : public ByteSource {
public:
    SlowSource(std::string_view text, std::size_t step) : text_{text}, step_{step} {}
    std::uint64_t size() const override { return text_.size(); }
    std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
        return TextSource{text_}.read_at(offset, into.first(std::min(step_, into.size())));
    }

private:
    std::string_view text_;
    std::size_t step_;
};

/// `start`, then `filler` without end.
class EndlessSource final : public ByteSource {
public:
    EndlessSource(std::string start, char filler) : start_{std::move(start)}, filler_{filler} {}
    std::uint64_t size() const override { return std::uint64_t{1} << 50; }
    std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
        for (auto& byte : into) {
            byte = offset < start_.size() ? start_[static_cast<std::size_t>(offset)] : filler_;
            ++offset;
        }
        return into.size();
    }

private:
    std::string start_;
    char filler_;
};

struct Row {
    std::uint64_t line;
    std::vector<std::string> fields;

    friend bool operator==(const Row&, const Row&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        return out << row.line << ": " << testing::PrintToString(row.fields);
    }
};

/// What a file holds: its header and rows, or why it is refused.
struct Content {
    std::vector<std::string> header{};
    std::vector<Row> rows{};
    std::string refused{};

    friend bool operator==(const Content&, const Content&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Content& content) {
        return out << testing::PrintToString(content.header) << testing::PrintToString(content.rows)
                   << content.refused;
    }
};

Content read_all(const ByteSource& source) {
    auto reader = CsvReader::open(source);
    if (!reader) return {.refused = reader.error().message};
    Content content{.header = reader->header()};
    CsvRecord record;
    while (true) {
        const auto found = reader->next(record);
        if (!found) {
            EXPECT_EQ(found.error().code, Errc::bad_file);
            content.refused = found.error().message;
            return content;
        }
        if (!*found) return content;
        content.rows.push_back({record.line, {record.fields.begin(), record.fields.end()}});
    }
}
Content read_all(std::string_view text) { return read_all(TextSource{text}); }

struct GoodFile {
    std::string name;
    std::string text;
    std::vector<std::string> header;
    std::vector<Row> rows;
};

class GoodFileTest : public testing::TestWithParam<GoodFile> {};

TEST_P(GoodFileTest, GivesHeaderAndRowsWithTheirLines) {
    const auto& file = GetParam();
    EXPECT_EQ(read_all(file.text), (Content{.header = file.header, .rows = file.rows}));
}

INSTANTIATE_TEST_SUITE_P(
    Csv, GoodFileTest,
    testing::ValuesIn(std::vector<GoodFile>{
        {"LineFeeds", "a,b\n1,2\n3,4\n", {"a", "b"}, {{2, {"1", "2"}}, {3, {"3", "4"}}}},
        {"CarriageReturnLineFeeds",
         "a,b\r\n1,2\r\n3,4\r\n",
         {"a", "b"},
         {{2, {"1", "2"}}, {3, {"3", "4"}}}},
        {"CarriageReturns", "a,b\r1,2\r3,4\r", {"a", "b"}, {{2, {"1", "2"}}, {3, {"3", "4"}}}},
        {"NoLastLineEnd", "a,b\n1,2", {"a", "b"}, {{2, {"1", "2"}}}},
        {"HeaderAlone", "a,b\n", {"a", "b"}, {}},
        {"HeaderAloneWithoutLineEnd", "a,b", {"a", "b"}, {}},
        {"ByteOrderMark",
         "\xEF\xBB\xBF"
         "a,b\n1,2\n",
         {"a", "b"},
         {{2, {"1", "2"}}}},
        {"ByteOrderMarkBeforeAQuote", "\xEF\xBB\xBF\"a\",b\n1,2\n", {"a", "b"}, {{2, {"1", "2"}}}},
        {"EmptyFields", "a,b,c\n,,\n", {"a", "b", "c"}, {{2, {"", "", ""}}}},
        {"BlankLines",
         "\n\na,b\n\r\n1,2\n\n\n3,4\n",
         {"a", "b"},
         {{5, {"1", "2"}}, {8, {"3", "4"}}}},
        {"Quotes", "a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", {"a", "b"}, {{2, {"1,5", "say \"hi\""}}}},
        {"EmptyQuotes", "a,b\n\"\",\"\"\n", {"a", "b"}, {{2, {"", ""}}}},
        {"SpacesStay", "a,b\n 1 ,\t2\n", {"a", "b"}, {{2, {" 1 ", "\t2"}}}},
        {"QuotedLineBreaks",
         "a,b\n\"1\n2\",x\n3,\"4\r\n5\r6\"\n7,8\n",
         {"a", "b"},
         {{2, {"1\n2", "x"}}, {4, {"3", "4\r\n5\r6"}}, {7, {"7", "8"}}}},
        {"QuotedBlankLines", "a\n\"\n\n\"\nx\n", {"a"}, {{2, {"\n\n"}}, {5, {"x"}}}},
        {"ShortAndLongRows",
         "a,b\n1\n1,2,3\n1,2\n",
         {"a", "b"},
         {{2, {"1"}}, {3, {"1", "2", "3"}}, {4, {"1", "2"}}}},
        {"HeaderOverSeveralLines", "\"a\nb\",c\n1,2\n", {"a\nb", "c"}, {{3, {"1", "2"}}}},
        {"Accents",
         "pr\xC3\xA9nom\n\xE2\x80\x9C\xF0\x9F\x8F\xA0\xE2\x80\x9D\n",
         {"pr\xC3\xA9nom"},
         {{2, {"\xE2\x80\x9C\xF0\x9F\x8F\xA0\xE2\x80\x9D"}}}},
        {"ControlCharactersInRows", "a\nx\x01\x7Fy\n", {"a"}, {{2, {"x\x01\x7Fy"}}}},
    }),
    [](const auto& test) { return test.param.name; });

struct BadFile {
    std::string name;
    std::string text;
    std::string message;
};

class BadFileTest : public testing::TestWithParam<BadFile> {};

TEST_P(BadFileTest, IsRefusedInWords) {
    const auto content = read_all(GetParam().text);
    EXPECT_THAT(content.refused, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Csv, BadFileTest,
    testing::ValuesIn(std::vector<BadFile>{
        {"Empty", "", "the file is empty"},
        {"ByteOrderMarkAlone", "\xEF\xBB\xBF", "the file is empty"},
        {"BlankLinesAlone", "\n\r\n\n", "the file is empty"},
        {"LittleEndianUtf16",
         "\xFF\xFE"
         "a\0,\0"s,
         "the file is UTF-16 text"},
        {"BigEndianUtf16", "\xFE\xFF\0a\0,"s, "the file is UTF-16 text"},
        {"Utf16WithoutMark", "a\0,\0b\0\n\0"s, "line 1: a NUL byte"},
        {"Workbook", "PK\x03\x04zzzz", "a spreadsheet workbook"},
        {"Gzip", "\x1F\x8B\x08zz", "compressed with gzip"},
        {"Picture", "\x89PNG\r\n\x1A\n", "a picture"},
        {"NulByte", "a,b\n1,2\n3,\0\n"s, "line 3: a NUL byte"},
        {"NulByteInQuotes", "a,b\n1,\"x\ny\0\"\n"s, "line 3: a NUL byte"},
        {"Latin1", "a,b\nRen\xE9,2\n", "line 2: the text isn't UTF-8"},
        {"Latin1InQuotes", "a,b\n1,\"x\r\ny\r\nRen\xE9\r\nz\"\r\n", "line 4: the text isn't UTF-8"},
        {"OverlongUtf8", "a\n\xC0\xAF\n", "line 2: the text isn't UTF-8"},
        {"CutOffCharacter", "a\nx\xC3", "line 2: the text isn't UTF-8"},
        {"ControlCharactersInHeader", "\x01\x02\x03\n", "line 1: control characters"},
        {"StrayQuote", "a,b\n1,2\n3,4\"5\n", "line 3: a quote within a field that isn't quoted"},
        {"StrayQuoteAfterSpace", "a,b\n1, \"2\"\n", "line 2: a quote within a field"},
        {"TextAfterQuote", "a,b\n\"1\"2,3\n", "line 2: text follows a closing quote"},
        {"TextAfterQuoteLater", "a,b\n\"1\n2\"3,4\n",
         "line 3, in the row that starts on line 2: text follows"},
        {"UnclosedQuote", "a,b\n1,2\n3,\"4\n5,6\n",
         "ends within a quoted field that starts on line 3"},
        {"UnclosedQuoteInHeader", "a,\"b\n", "ends within a quoted field that starts on line 1"},
        {"CutOffRow", "a,b,c\n1,2,3\n4,5",
         "line 3: the file ends in the middle of this row (2 of 3 fields"},
        {"CutOffAfterQuote", "a,b,c\n1,2,3\n4,\"5\"",
         "line 3: the file ends in the middle of this row"},
    }),
    [](const auto& test) { return test.param.name; });

TEST(CsvReaderTest, ErrorStaysTheAnswer) {
    const TextSource source{"a\n1\nx\"y\n2\n"};
    auto reader = CsvReader::open(source).value();
    CsvRecord record;
    ASSERT_TRUE(reader.next(record).value());
    const auto first = reader.next(record);
    ASSERT_FALSE(first);
    EXPECT_EQ(reader.next(record).error(), first.error());
}

TEST(CsvReaderTest, EndStaysTheEnd) {
    const TextSource source{"a\n1"};
    auto reader = CsvReader::open(source).value();
    CsvRecord record;
    ASSERT_TRUE(reader.next(record).value());
    EXPECT_FALSE(reader.next(record).value());
    EXPECT_FALSE(reader.next(record).value());
}

TEST(CsvReaderTest, EveryChunkSizeGivesTheSame) {
    const auto nasty =
        "\xEF\xBB\xBFName,\"No\"\"te\",Adr\xC3\xA9sse\r\n"
        "Ana,\"multi\r\nline\n\r\n\"\"quoted\"\",\r\",x\r\n"
        "\r\n\n"
        "Jos\xC3\xA9,,\"\"\r"
        "\"a\"\"\",\"\n\",\xE2\x82\xAC\n"
        "short\n"
        "1,2,3,4\r\n"
        "last,\"\r\n\",\xF0\x9F\x8F\xA0"s;
    const auto whole = read_all(nasty);
    ASSERT_EQ(whole.refused, "");
    ASSERT_EQ(whole.rows.size(), 6U);
    EXPECT_EQ(whole.rows[2].line, 10U);
    EXPECT_EQ(whole.rows[3].line, 12U);
    for (std::size_t step = 1; step <= 64; ++step)
        EXPECT_EQ(read_all(SlowSource{nasty, step}), whole) << step;
}

TEST(CsvReaderTest, EveryChunkSizeGivesTheSameError) {
    const auto text = "a,b\r\n\"1\r\n2\",3\r\n4,\"5\r\n6\"x\r\n"s;
    const auto whole = read_all(text);
    EXPECT_THAT(whole.refused, HasSubstr("line 5, in the row that starts on line 4"));
    for (std::size_t step = 1; step <= 64; ++step)
        EXPECT_EQ(read_all(SlowSource{text, step}), whole) << step;
}

TEST(CsvReaderTest, FieldLimit) {
    const std::string most(CsvReader::field_bytes_max, 'x');
    EXPECT_EQ(read_all("a\n" + most + "\n").rows.at(0).fields.at(0), most);
    EXPECT_THAT(read_all("a\n1\n" + most + "x\n").refused,
                HasSubstr("line 3: a field that starts here has more than 1 MiB"));
}

TEST(CsvReaderTest, RecordLimit) {
    std::string row = "a\n1\n";
    for (int i = 0; i < 9; ++i) row += std::string(CsvReader::field_bytes_max, 'x') + ',';
    EXPECT_THAT(read_all(row + "\n").refused, HasSubstr("line 3: the row has more than 8 MiB"));
}

TEST(CsvReaderTest, ColumnLimit) {
    const std::string most(CsvReader::columns_max - 1, ',');
    EXPECT_EQ(read_all("a" + most + "b\n").header.size(), CsvReader::columns_max);
    EXPECT_THAT(read_all("a\n," + most + "\n").refused,
                HasSubstr("line 2: more than 1000 columns"));
}

TEST(CsvReaderTest, GivesUpOnAnEndlessFieldSoon) {
    const EndlessSource source{"a,b\n1,\"", 'x'};
    auto reader = CsvReader::open(source).value();
    CsvRecord record;
    const auto found = reader.next(record);
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message,
                HasSubstr("line 2: a field that starts here has more than 1 MiB"));
    EXPECT_LE(reader.offset(), CsvReader::field_bytes_max + 2 * CsvReader::chunk_bytes);
}

TEST(CsvReaderTest, OffsetGrowsToTheSizeOfTheFile) {
    const std::string text = "a,b\n1,2\n3,4\n";
    const TextSource source{text};
    auto reader = CsvReader::open(source).value();
    EXPECT_EQ(reader.offset(), 4U);
    CsvRecord record;
    ASSERT_TRUE(reader.next(record).value());
    EXPECT_EQ(reader.offset(), 8U);
    while (reader.next(record).value()) {
    }
    EXPECT_EQ(reader.offset(), text.size());
}

TEST(CsvReaderTest, CheckStructureReadsToTheEnd) {
    EXPECT_TRUE(check_structure(TextSource{"a,b\n1,2\n3\n"}));
    EXPECT_FALSE(check_structure(TextSource{"a,b\n1,2\n3"}));
    EXPECT_FALSE(check_structure(TextSource{""}));
}

/// RFC 4180 text of `rows`, every field quoted.
std::string print(const std::vector<std::vector<std::string>>& rows, std::string_view line_end) {
    std::string out;
    for (const auto& row : rows) {
        std::string_view separator;
        for (const auto& field : row) {
            out += separator;
            out += '"';
            for (const char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
            out += '"';
            separator = ",";
        }
        out += line_end;
    }
    return out;
}

TEST(CsvReaderTest, ReadsWhatWasPrinted) {
    const auto character = rc::gen::element<std::string>("a", "Z", ",", "\"", "\r", "\n", " ",
                                                         "\xC3\xA9", "\xE2\x82\xAC");
    const auto field = rc::gen::map(rc::gen::container<std::vector<std::string>>(character),
                                    [](const auto& parts) {
                                        std::string text;
                                        for (const auto& part : parts) text += part;
                                        return text;
                                    });
    const bool holds = rc::check([&] {
        const auto width = *rc::gen::inRange<std::size_t>(1, 5);
        const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
            *rc::gen::inRange<std::size_t>(1, 6),
            rc::gen::container<std::vector<std::string>>(width, field));
        const auto line_end = *rc::gen::element<std::string>("\n", "\r\n", "\r");
        const auto text = print(rows, line_end);
        const auto content = read_all(SlowSource{text, *rc::gen::inRange<std::size_t>(1, 100)});
        RC_ASSERT(content.refused.empty());
        std::vector<std::vector<std::string>> read{content.header};
        for (const auto& row : content.rows) read.push_back(row.fields);
        RC_ASSERT(read == rows);
    });
    EXPECT_TRUE(holds);
}

class OpenFileTest : public testing::Test {
protected:
    engine::testing::TempDirectory directory_;
    const std::filesystem::path folder_ = directory_.path();
};

TEST_F(OpenFileTest, ReadsARegularFile) {
    std::ofstream{folder_ / "leads.csv"} << "a,b\n1,2\n";
    const auto file = open_file(folder_ / "leads.csv");
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)->size(), 8U);
    EXPECT_EQ(read_all(**file).rows.at(0).fields, (std::vector<std::string>{"1", "2"}));
}

TEST_F(OpenFileTest, RefusesWhatIsNoFile) {
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
    const auto message = [&](const std::filesystem::path& path) {
        const auto file = open_file(path);
        return file ? "opened" : file.error().message;
    };
    EXPECT_THAT(message(folder_ / "none.csv"), HasSubstr("none.csv doesn't exist"));
    EXPECT_THAT(message(folder_ / "pipe" / "x"), HasSubstr("doesn't exist"));
    EXPECT_THAT(message(folder_), HasSubstr("is a folder"));
    EXPECT_THAT(message(folder_ / "pipe"), HasSubstr("is no regular file"));
}

}  // namespace
}  // namespace tenantry::services
