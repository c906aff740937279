#pragma once
/// From the columns of a lead file to the columns of `leads`: which header fills which column, and
/// how the text of a field becomes a value.
///
/// Pure functions; nothing here reads files or the clock.

#include "base/id.hpp"
#include "query/plan.hpp"
#include "services/csv_reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {

/// Says what fills from the column under `header`: `target` is a column of leads, `metadata.KEY`
/// (all after the first dot is one key), or `-` to leave it out.
struct MappingRule {
    std::string header;
    std::string target;

    friend bool operator==(const MappingRule&, const MappingRule&) = default;
};

/// Reads `HEADER=TARGET`, split at the last `=`. Errors: bad_value.
Result<MappingRule> parse_mapping_rule(std::string_view text);

/// Reads the text of a mapping file: TOML with one table, `[columns]`, of `"HEADER" = "TARGET"`.
/// Errors: bad_file, naming the line where the text is at fault.
Result<std::vector<MappingRule>> parse_mapping_file(std::string_view toml);

/// The country calling code (ITU-T E.164) of phone numbers that are written without one; North
/// America's 1 unless told.
class CountryCode {
public:
    /// One to three digits, perhaps after a `+`. Errors: bad_value.
    static Result<CountryCode> parse(std::string_view text);
    CountryCode() = default;
    const std::string& digits() const noexcept { return digits_; }

private:
    explicit CountryCode(std::string_view digits) : digits_{digits} {}
    std::string digits_ = "1";
};

/// `phone` in E.164, such as +14165550100; nullopt if it doesn't read as a telephone number.
std::optional<std::string> to_e164(std::string_view phone, const CountryCode& country);

/// `Phone Number`, `phone-number` and `phoneNumber` all give `phone_number`.
std::string snake_case(std::string_view header);

/// One row of the file as values of the mapping's columns.
struct LeadRow {
    std::vector<query::Value> values{};
    Uuid id{};              // also in `values`
    bool id_given = false;  // by the file, rather than made here
};

/// Which column of a file fills which column of leads. Immutable. Threads: any may read.
class LeadMapping {
public:
    /// Rules come first, and of several for one header the first; headers without one are matched
    /// by name or well-known synonym; what is left goes into metadata under its name in snake case.
    /// Errors: bad_file if nothing fills first_name, if two headers fill the same, or if there
    /// seems
    ///         to be no header; bad_value for a rule that names no header of the file.
    static Result<LeadMapping> make(std::span<const std::string> headers,
                                    std::span<const MappingRule> rules, CountryCode country = {});

    /// What a row's values are values of: tenant_id, id, then those that the file fills.
    const std::vector<const query::Column*>& columns() const noexcept { return columns_; }
    /// The place of `email` or `assigned_agent` in `columns`, if the file fills it.
    std::optional<std::size_t> email() const noexcept { return email_; }
    std::optional<std::size_t> assigned_agent() const noexcept { return assigned_agent_; }
    /// The header under which the file gives columns()[at], for messages; the column's own name if
    /// the file doesn't.
    const std::string& header_of(std::size_t at) const noexcept { return headers_[at]; }

    /// Checks and converts one record. A row without an id gets a new one; a row without id and
    /// e-mail gets one made from its content, so that the same row has the same id next time.
    /// Errors: what is wrong with the row; `field` is the header, empty if no single column is at
    ///         fault, and `message` goes on from it: ("email", "is not an address").
    Result<LeadRow> convert(const CsvRecord& record, const TenantId& tenant,
                            const query::Stamp& stamp) const;

private:
    enum class Kind { ignored, unnamed, extra, plain, tenant, id, phone, choice, tags, metadata };
    struct Source {
        Kind kind = Kind::ignored;
        std::size_t at = 0;    // in columns_, where it fills one
        std::string header{};  // as the file has it
        std::string key{};     // extra: in metadata
    };
    class Builder;
    class Conversion;

    LeadMapping() = default;

    std::vector<Source> sources_;  // one a column of the file
    std::vector<const query::Column*> columns_;
    std::vector<std::string> headers_;  // one each of columns_
    std::optional<std::size_t> email_;
    std::optional<std::size_t> assigned_agent_;
    std::optional<std::size_t> metadata_;
    CountryCode country_;
};

}  // namespace tenantry::services
