// From the text of one record to typed values: what LeadMapping::convert does.

#include "base/text.hpp"
#include "services/lead_mapping.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace tenantry::services {
namespace {

using query::Column;
using query::Value;

namespace json = boost::json;

constexpr std::size_t phone_digits_min = 8;
constexpr std::size_t phone_digits_max = 15;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The catalog's words about a value, without the column's name that they begin with.
Error about(std::string_view header, const Column& column, const Error& error) {
    std::string_view what = error.message;
    if (what.starts_with(column.name()) && what.substr(column.name().size()).starts_with(' ')) {
        what.remove_prefix(column.name().size() + 1);
    }
    return fail(error.code, std::string{what}, std::string{header});
}

Result<Value> parse_choice(const Column& column, std::string_view text) {
    Value word = to_lower_ascii(text);
    TENANTRY_TRY_VOID(column.check_allowed(word));
    return word;
}

/// `a; b` or, for tags that hold semicolons themselves, a JSON array of strings.
Result<Value> parse_tags(const Column& column, std::string_view text) {
    if (text.starts_with('[')) {
        auto array = schema::parse_text(column, text);
        if (array || array.error().code != Errc::bad_json) return array;
    }
    schema::TextArray tags;
    while (!text.empty()) {
        const auto end = std::min(text.find(';'), text.size());
        const auto tag = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (tag.empty()) continue;
        if (tag.size() > column.options().bytes_max) {
            return fail(Errc::out_of_range,
                        fmt::format("has an entry of {} bytes; at most {} are allowed", tag.size(),
                                    column.options().bytes_max));
        }
        tags.emplace_back(tag);
    }
    return Value{std::move(tags)};
}

/// A version 8 UUID (RFC 9562 §5.8) of the BLAKE2b digest of a row's tenant and values, each with
/// its length in front so that no two rows read the same.
Uuid content_id(const TenantId& tenant, const std::vector<const Column*>& columns,
                const std::vector<Value>& values) {
    static const int ready = ::sodium_init();
    if (ready < 0) std::abort();
    std::string content;
    const auto add = [&](std::string_view text) {
        fmt::format_to(std::back_inserter(content), "{}:{}", text.size(), text);
    };
    add(tenant.text());
    for (std::size_t i = 2; i < columns.size(); ++i) {
        if (schema::is_null(values[i])) continue;
        add(columns[i]->name());
        add(schema::to_text(values[i]));
    }
    Uuid id;
    static_assert(sizeof id.data == crypto_generichash_BYTES_MIN);
    unsigned char digest[sizeof id.data];
    ::crypto_generichash(digest, sizeof digest,
                         reinterpret_cast<const unsigned char*>(content.data()), content.size(),
                         nullptr, 0);
    std::memcpy(id.data, digest, sizeof digest);
    id.data[6] = static_cast<std::uint8_t>((id.data[6] & 0x0F) | 0x80);
    id.data[8] = static_cast<std::uint8_t>((id.data[8] & 0x3F) | 0x80);
    return id;
}

}  // namespace

std::optional<std::string> to_e164(std::string_view phone, const CountryCode& country) {
    auto text = trim(phone);
    const bool international = text.starts_with('+') || text.starts_with("00");
    if (international) text.remove_prefix(text.front() == '+' ? 1 : 2);
    std::string digits;
    for (const char c : text) {
        if (is_digit(c)) {
            digits += c;
        } else if (std::string_view{" ()-./\xC2\xA0"}.find(c) == std::string_view::npos) {
            return std::nullopt;
        }
    }
    if (!international) {
        const auto& code = country.digits();
        if (code == "1") {
            // North America: ten digits, with or without the 1 in front.
            if (digits.size() == 11 && digits.front() == '1') digits.erase(0, 1);
            if (digits.size() != 10) return std::nullopt;
        } else if (digits.starts_with('0')) {
            digits.erase(0, 1);  // the trunk prefix, dialled only within the country
        }
        digits.insert(0, code);
    }
    if (digits.size() < phone_digits_min || digits.size() > phone_digits_max ||
        digits.front() == '0')
        return std::nullopt;
    return '+' + digits;
}

/// The conversion of one record, field by field.
class LeadMapping::Conversion {
public:
    Conversion(const LeadMapping& mapping, const TenantId& tenant, const query::Stamp& stamp)
        : mapping_{mapping}, tenant_{tenant}, stamp_{stamp} {
        // Room for the columns that the plan adds.
        row_.values.reserve(schema_width);
        row_.values.resize(mapping.columns_.size());
        row_.values[0] = tenant.text();
    }

    Result<LeadRow> run(std::span<const std::string_view> fields) {
        for (std::size_t i = 0; i < fields.size(); ++i)
            TENANTRY_TRY_VOID(take(mapping_.sources_[i], trim(fields[i])));
        if (mapping_.metadata_) TENANTRY_TRY_VOID(put_metadata(*mapping_.metadata_));
        if (!row_.id_given) {
            const bool has_email =
                mapping_.email_ && !schema::is_null(row_.values[*mapping_.email_]);
            row_.id =
                has_email ? stamp_.new_id() : content_id(tenant_, mapping_.columns_, row_.values);
        }
        row_.values[1] = row_.id;
        return std::move(row_);
    }

private:
    static constexpr std::size_t schema_width = 24;

    Result<void> take(const Source& source, std::string_view text) {
        switch (source.kind) {
        case Kind::ignored: return {};
        case Kind::unnamed:
            if (text.empty()) return {};
            return fail(Errc::bad_value, "holds a value but has no name in the header",
                        source.header);
        case Kind::extra:
            if (!text.empty()) extras_.push_back({source.key, text});
            return {};
        case Kind::metadata: metadata_text_ = text == "null" ? std::string_view{} : text; return {};
        case Kind::tenant:
            if (text.empty() || text == tenant_.text()) return {};
            return fail(Errc::tenant_mismatch, "names another tenant than the one imported into",
                        source.header);
        case Kind::plain:
        case Kind::id:
        case Kind::phone:
        case Kind::choice:
        case Kind::tags: break;
        }
        const auto& column = *mapping_.columns_[source.at];
        if (text.empty()) return put_absent(source, column);
        auto value = parse(source, column, text);
        if (!value) return about(source.header, column, value.error());
        if (source.kind == Kind::id) {
            row_.id = std::get<Uuid>(*value);
            row_.id_given = true;
        }
        row_.values[source.at] = std::move(*value);
        return {};
    }

    Result<Value> parse(const Source& source, const Column& column, std::string_view text) const {
        switch (source.kind) {
        case Kind::phone: {
            // What doesn't read as a number may still be of use to a person ("ask for Ada").
            const auto number = to_e164(text, mapping_.country_);
            return schema::parse_text(column, number ? *number : text);
        }
        case Kind::choice: return parse_choice(column, text);
        case Kind::tags: return parse_tags(column, text);
        default: return schema::parse_text(column, text);
        }
    }

    /// What an empty field means: null, the column's default, now; for the id, that there is none.
    Result<void> put_absent(const Source& source, const Column& column) {
        if (source.kind == Kind::id || column.nullable()) return {};
        if (column.options().default_value) {
            row_.values[source.at] = *column.options().default_value;
        } else if (column.type() == schema::ColumnType::timestamptz) {
            row_.values[source.at] = stamp_.now;
        } else {
            return fail(Errc::missing_field, "is required", source.header);
        }
        return {};
    }

    /// The file's own metadata with the columns that have no other place; its own keys stand.
    Result<void> put_metadata(std::size_t at) {
        const auto& column = *mapping_.columns_[at];
        const auto& header = mapping_.headers_[at];
        if (metadata_text_.empty() && extras_.empty()) {
            row_.values[at] = *column.options().default_value;
            return {};
        }
        auto value =
            extras_.empty() ? schema::parse_text(column, metadata_text_) : merge_metadata(column);
        if (!value) return about(header, column, value.error());
        row_.values[at] = std::move(*value);
        return {};
    }

    Result<Value> merge_metadata(const Column& column) const {
        json::value merged = json::object{};
        if (!metadata_text_.empty()) {
            TENANTRY_TRY(own, schema::parse_text(column, metadata_text_));
            merged = json::parse(std::get<schema::Json>(own).text);
            if (!merged.is_object())
                return fail(Errc::bad_value,
                            "is not a JSON object, which other columns could join");
        }
        for (const auto& [key, text] : extras_) merged.get_object().emplace(key, text);
        return schema::parse_json(column, merged);
    }

    struct Extra {
        std::string_view key;
        std::string_view text;
    };

    const LeadMapping& mapping_;
    const TenantId& tenant_;
    const query::Stamp& stamp_;
    LeadRow row_;
    std::string_view metadata_text_;
    std::vector<Extra> extras_;
};

Result<LeadRow> LeadMapping::convert(const CsvRecord& record, const TenantId& tenant,
                                     const query::Stamp& stamp) const {
    if (record.fields.size() != sources_.size()) {
        return fail(Errc::bad_value,
                    fmt::format("{} field{}, {} expected", record.fields.size(),
                                record.fields.size() == 1 ? "" : "s", sources_.size()));
    }
    return Conversion{*this, tenant, stamp}.run(record.fields);
}

}  // namespace tenantry::services
