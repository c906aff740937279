/// Any bytes as a lead file: the first says how many bytes each read gives, the rest is the file.
/// Whatever comes, the outcome is the same however the file is cut into reads; it is a sentence, or
/// records of clean UTF-8 on lines that only grow; and each record becomes values that fit their
/// columns, or a reason.

#include "base/text.hpp"
#include "services/lead_mapping.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tenantry;
using namespace tenantry::services;

void require(bool truth) {
    if (!truth) std::abort();
}

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

struct Outcome {
    std::vector<std::string> header{};
    std::vector<std::vector<std::string>> rows{};
    std::vector<std::uint64_t> lines{};
    std::string refused{};

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read_all(const ByteSource& source) {
    Outcome outcome;
    auto reader = CsvReader::open(source);
    if (!reader) {
        outcome.refused = reader.error().message;
        return outcome;
    }
    outcome.header = reader->header();
    CsvRecord record;
    while (true) {
        const auto found = reader->next(record);
        if (!found) {
            require(found.error().code == Errc::bad_file);
            outcome.refused = found.error().message;
            return outcome;
        }
        if (!*found) return outcome;
        outcome.rows.emplace_back(record.fields.begin(), record.fields.end());
        outcome.lines.push_back(record.line);
    }
}

void check_records(const Outcome& outcome) {
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < outcome.rows.size(); ++i) {
        require(outcome.lines[i] > last);
        last = outcome.lines[i];
        for (const auto& field : outcome.rows[i]) require(is_clean_utf8(field));
    }
}

void check_row(const LeadMapping& mapping, const LeadRow& row) {
    require(row.values.size() == mapping.columns().size());
    for (std::size_t i = 0; i < row.values.size(); ++i) {
        const auto& column = *mapping.columns()[i];
        require(schema::has_type(row.values[i], column.type()));
        require(column.nullable() || !schema::is_null(row.values[i]));
        require(column.check_allowed(row.values[i]).has_value());
    }
}

void check_conversion(const Outcome& outcome) {
    static const auto tenant = TenantId::parse("fuzz").value();
    static const query::Stamp stamp{Timestamp{}, [] { return Uuid{}; }};
    const auto mapping = LeadMapping::make(outcome.header, {});
    if (!mapping) return require(is_clean_utf8(mapping.error().message));
    for (std::size_t i = 0; i < outcome.rows.size(); ++i) {
        const std::vector<std::string_view> fields{outcome.rows[i].begin(), outcome.rows[i].end()};
        const auto row = mapping->convert({outcome.lines[i], fields}, tenant, stamp);
        if (row) {
            check_row(*mapping, *row);
        } else {
            require(!row.error().message.empty() && is_clean_utf8(row.error().message));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto outcome = read_all(TextSource{text});
    require(outcome == read_all(SlowSource{text, 1 + data[0] % 64U}));
    check_records(outcome);
    if (!outcome.header.empty()) check_conversion(outcome);
    return 0;
}
