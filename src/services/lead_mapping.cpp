#include "services/lead_mapping.hpp"

#include "base/text.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace tenantry::services {
namespace {

using query::Column;
using query::Relation;

const Relation& leads() {
    static const Relation& relation = schema::lead_catalog().relation("leads");
    return relation;
}

constexpr std::string_view metadata_prefix = "metadata.";
constexpr std::size_t key_bytes_max = 255;

/// What other systems call the columns of leads, in snake case.
struct Synonym {
    std::string_view name;
    std::string_view column;
};
constexpr std::array synonyms = std::to_array<Synonym>({
    {"lead_id", "id"},
    {"given_name", "first_name"},
    {"forename", "first_name"},
    {"firstname", "first_name"},
    {"surname", "last_name"},
    {"family_name", "last_name"},
    {"lastname", "last_name"},
    {"email_address", "email"},
    {"e_mail", "email"},
    {"e_mail_address", "email"},
    {"phone_number", "phone"},
    {"phone_e164", "phone"},
    {"telephone", "phone"},
    {"telephone_number", "phone"},
    {"mobile", "phone"},
    {"mobile_phone", "phone"},
    {"cell", "phone"},
    {"cell_phone", "phone"},
    {"address", "property_address"},
    {"street", "property_address"},
    {"street_address", "property_address"},
    {"town", "city"},
    {"state", "province"},
    {"state_province", "province"},
    {"province_state", "province"},
    {"zip", "postal_code"},
    {"zip_code", "postal_code"},
    {"postcode", "postal_code"},
    {"zip_postal_code", "postal_code"},
    {"budget", "price_range"},
    {"time_frame", "timeline"},
    {"timeframe", "timeline"},
    {"lead_source", "source"},
    {"tag", "tags"},
    {"labels", "tags"},
    {"lead_status", "status"},
    {"lead_score", "score"},
    {"agent_id", "assigned_agent"},
    {"assigned_agent_id", "assigned_agent"},
    {"last_contacted", "last_contacted_at"},
    {"last_contact_date", "last_contacted_at"},
    {"create_date", "created_at"},
    {"created", "created_at"},
    {"created_date", "created_at"},
    {"created_on", "created_at"},
    {"date_created", "created_at"},
    {"update_date", "updated_at"},
    {"updated", "updated_at"},
    {"updated_date", "updated_at"},
    {"updated_on", "updated_at"},
    {"last_modified", "updated_at"},
    {"last_modified_date", "updated_at"},
    {"date_modified", "updated_at"},
});

const Column* column_called(std::string_view name) {
    if (const auto* column = leads().find(name)) return column;
    const auto* found = std::ranges::find(synonyms, name, &Synonym::name);
    return found == synonyms.end() ? nullptr : &leads().column(found->column);
}

constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_word(char c) {
    return is_upper(c) || is_lower(c) || is_digit(c) || (c & 0x80) != 0;
}

/// Whether a word begins at `at` though nothing parts it from the one before: `aB`, `1B`, `ABc`.
bool is_hump(std::string_view text, std::size_t at) {
    if (at == 0 || !is_upper(text[at])) return false;
    if (is_lower(text[at - 1]) || is_digit(text[at - 1])) return true;
    return is_upper(text[at - 1]) && at + 1 < text.size() && is_lower(text[at + 1]);
}

/// For a message: at most 20 names, each of at most 40 characters.
std::string listed(std::span<const std::string> names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i == 20) return out + fmt::format(", and {} more", names.size() - i);
        if (i > 0) out += ", ";
        auto name = trim(names[i]);
        const bool whole = name.size() <= 40;
        while (name.size() > 40 || (!whole && !is_clean_utf8(name))) name.remove_suffix(1);
        out += fmt::format("\"{}{}\"", name, whole ? "" : "...");
    }
    return out;
}

std::string column_names() {
    std::string out;
    for (const auto& column : leads().columns().subspan(1)) {
        if (!out.empty()) out += ", ";
        out += column.name();
    }
    return out;
}

/// Whether a "header" is a person's data: the file has none then.
bool is_data(std::string_view name) {
    return is_email(name) || parse_uuid(name) || parse_timestamp(name) ||
           (name.size() > 7 && to_e164(name, {}));
}

Result<MappingRule> make_rule(std::string_view header, std::string_view target) {
    const auto refuse = [](std::string_view why) {
        return fail(Errc::bad_value, fmt::format("the mapping {}", why));
    };
    MappingRule rule{std::string{trim(header)}, std::string{trim(target)}};
    if (!is_clean_utf8(header) || !is_clean_utf8(target)) return refuse("isn't UTF-8 text");
    if (rule.header.empty()) return refuse("lacks a header; write HEADER=COLUMN");
    if (rule.target == "-") return rule;
    if (rule.target.starts_with(metadata_prefix)) {
        const auto key_bytes = rule.target.size() - metadata_prefix.size();
        if (key_bytes > 0 && key_bytes <= key_bytes_max) return rule;
        return refuse(fmt::format("of \"{}\" needs a key of 1 to {} bytes after metadata.",
                                  rule.header, key_bytes_max));
    }
    if (leads().find(rule.target) != nullptr) return rule;
    return refuse(fmt::format(
        "of \"{}\" must name a column of leads, metadata.KEY or - (to leave it out); the columns "
        "are {}",
        rule.header, column_names()));
}

}  // namespace

Result<MappingRule> parse_mapping_rule(std::string_view text) {
    const auto equals = text.rfind('=');
    if (equals == std::string_view::npos) {
        return fail(Errc::bad_value,
                    "a mapping is written HEADER=COLUMN, HEADER=metadata.KEY or HEADER=-");
    }
    return make_rule(text.substr(0, equals), text.substr(equals + 1));
}

Result<std::vector<MappingRule>> parse_mapping_file(std::string_view text) try {
    if (!is_clean_utf8(text)) return fail(Errc::bad_file, "the mapping file isn't UTF-8 text");
    const auto root = toml::parse(text);
    const auto refuse = [](const toml::node& node, std::string_view why) {
        return fail(Errc::bad_file,
                    fmt::format("line {} of the mapping file: {}", node.source().begin.line, why));
    };
    std::vector<MappingRule> rules;
    for (const auto& [key, node] : root) {
        const auto* columns = node.as_table();
        if (key.str() != "columns" || columns == nullptr)
            return refuse(node, "only a table [columns] is expected");
        for (const auto& [header, target] : *columns) {
            const auto* name = target.as_string();
            if (name == nullptr) return refuse(target, "a column's name in quotes is expected");
            auto rule = make_rule(header.str(), name->get());
            if (!rule) return refuse(target, rule.error().message);
            rules.push_back(std::move(*rule));
        }
    }
    if (rules.empty())
        return fail(Errc::bad_file,
                    "the mapping file has no table [columns] with \"HEADER\" = \"COLUMN\" in it");
    return rules;
} catch (const toml::parse_error& error) {
    return fail(Errc::bad_file, fmt::format("line {} of the mapping file isn't TOML: {}",
                                            error.source().begin.line, error.description()));
}

Result<CountryCode> CountryCode::parse(std::string_view text) {
    auto digits = trim(text);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const bool fits = !digits.empty() && digits.size() <= 3 && digits.front() != '0' &&
                      std::ranges::all_of(digits, is_digit);
    if (!fits)
        return fail(Errc::bad_value,
                    "a country calling code has one to three digits, such as 1 or 44",
                    "country_code");
    return CountryCode{digits};
}

std::string snake_case(std::string_view header) {
    const auto text = trim(header);
    std::string out;
    bool parted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_word(text[i])) {
            parted = true;
            continue;
        }
        if (!out.empty() && (parted || is_hump(text, i))) out += '_';
        parted = false;
        out += is_upper(text[i]) ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    }
    return out;
}

class LeadMapping::Builder {
public:
    Builder(std::span<const std::string> headers, std::span<const MappingRule> rules,
            CountryCode country)
        : headers_{headers}, rules_{rules} {
        mapping_.country_ = std::move(country);
        add_column(leads().tenant_id());
        add_column(leads().id());
    }

    Result<LeadMapping> build() {
        TENANTRY_TRY_VOID(match_rules());
        for (std::size_t i = 0; i < headers_.size(); ++i) TENANTRY_TRY_VOID(place(i));
        for (const auto& column : leads().columns()) TENANTRY_TRY_VOID(check_required(column));
        return std::move(mapping_);
    }

private:
    /// Finds each rule's header, by its exact name or else by its snake case.
    Result<void> match_rules() {
        targets_.assign(headers_.size(), nullptr);
        for (const auto& rule : rules_) {
            bool found = match(rule, [&](std::string_view name) { return name == rule.header; });
            if (!found)
                found = match(rule, [&](std::string_view name) {
                    return snake_case(name) == snake_case(rule.header);
                });
            if (!found) {
                return fail(Errc::bad_value,
                            fmt::format("the mapping names \"{}\", but the file's headers are {}",
                                        rule.header, listed(headers_)));
            }
        }
        return {};
    }

    bool match(const MappingRule& rule, const auto& is_meant) {
        bool found = false;
        for (std::size_t i = 0; i < headers_.size(); ++i) {
            if (!is_meant(trim(headers_[i]))) continue;
            if (targets_[i] == nullptr) targets_[i] = &rule.target;
            found = true;
        }
        return found;
    }

    Result<void> place(std::size_t i) {
        Source source{.header = std::string{trim(headers_[i])}};
        const std::string* target = targets_[i];
        const auto name = snake_case(source.header);
        if (target != nullptr && *target == "-") {
            // Left out, as asked.
        } else if (target != nullptr && target->starts_with(metadata_prefix)) {
            TENANTRY_TRY_VOID(place_extra(source, target->substr(metadata_prefix.size())));
        } else if (const auto* column =
                       target != nullptr ? leads().find(*target) : column_called(name)) {
            TENANTRY_TRY_VOID(place_column(source, *column));
        } else if (source.header.empty()) {
            source.kind = Kind::unnamed;
            source.header = fmt::format("column {}", i + 1);
        } else {
            TENANTRY_TRY_VOID(place_extra(source, name.empty() ? source.header : name));
        }
        mapping_.sources_.push_back(std::move(source));
        return {};
    }

    Result<void> place_column(Source& source, const Column& column) {
        if (!filled_.insert(column.name()).second) return filled_twice(source, column.name());
        source.kind = kind_of(column);
        source.at = add_column(column);
        mapping_.headers_[source.at] = source.header;
        if (column.name() == "email") mapping_.email_ = source.at;
        if (column.name() == "assigned_agent") mapping_.assigned_agent_ = source.at;
        return {};
    }

    Result<void> place_extra(Source& source, std::string key) {
        if (key.size() > key_bytes_max) {
            return fail(
                Errc::bad_file,
                fmt::format("the header {} is too long for a key of metadata; give it another name "
                            "with map or in the file",
                            listed({&source.header, 1})));
        }
        if (!filled_.insert(std::string{metadata_prefix} + key).second) {
            return filled_twice(source, std::string{metadata_prefix} + key);
        }
        source.kind = Kind::extra;
        source.key = std::move(key);
        mapping_.metadata_ = add_column(leads().column("metadata"));
        return {};
    }

    /// A person's data where a column's name should be.
    std::optional<Error> missing_header() const {
        const auto data =
            std::ranges::find_if(headers_, [](const auto& name) { return is_data(trim(name)); });
        if (data == headers_.end()) return std::nullopt;
        return fail(Errc::bad_file,
                    fmt::format("the file has no header: column {} of its first row holds data, "
                                "not a name; put a line with the columns' names in front",
                                data - headers_.begin() + 1));
    }

    Error filled_twice(const Source& source, std::string_view target) const {
        if (auto missing = missing_header()) return *missing;
        return fail(Errc::bad_file,
                    fmt::format("more than one header fills {0}, the second being {1}; give one of "
                                "them another name in the "
                                "file, another place with map \"{2}=metadata.KEY\", or leave it "
                                "out with map \"{2}=-\"",
                                target, listed({&source.header, 1}), source.header));
    }

    static Kind kind_of(const Column& column) {
        if (&column == &leads().tenant_id()) return Kind::tenant;
        if (&column == &leads().id()) return Kind::id;
        if (column.name() == "phone") return Kind::phone;
        if (!column.options().allowed.empty()) return Kind::choice;
        if (column.type() == schema::ColumnType::text_array) return Kind::tags;
        if (column.type() == schema::ColumnType::json) return Kind::metadata;
        return Kind::plain;
    }

    /// Returns its place; a column that is there already stays where it is.
    std::size_t add_column(const Column& column) {
        auto& columns = mapping_.columns_;
        const auto found = std::ranges::find(columns, &column);
        const auto at = static_cast<std::size_t>(found - columns.begin());
        if (found == columns.end()) {
            columns.push_back(&column);
            mapping_.headers_.push_back(column.name());
        }
        if (column.type() == schema::ColumnType::json) mapping_.metadata_ = at;
        return at;
    }

    Result<void> check_required(const Column& column) const {
        const bool required = column.options().origin == schema::Origin::client &&
                              !column.nullable() && !column.options().default_value;
        if (!required || filled_.contains(column.name())) return {};
        if (auto missing = missing_header()) return *missing;
        if (headers_.size() == 1 && headers_[0].find_first_of(";\t|") != std::string::npos) {
            return fail(Errc::bad_file,
                        fmt::format("the header is a single column, {}; separate columns by commas",
                                    listed(headers_)));
        }
        return fail(
            Errc::bad_file,
            fmt::format(
                "no header fills {0}, which every lead needs; the file's headers are {1}; say "
                "which one it is with map \"HEADER={0}\" or in a mapping file",
                column.name(), listed(headers_)));
    }

    std::span<const std::string> headers_;
    std::span<const MappingRule> rules_;
    std::vector<const std::string*> targets_;    // one a header, nullptr without a rule
    std::set<std::string, std::less<>> filled_;  // columns and metadata.KEYs
    LeadMapping mapping_;
};

Result<LeadMapping> LeadMapping::make(std::span<const std::string> headers,
                                      std::span<const MappingRule> rules, CountryCode country) {
    return Builder{headers, rules, std::move(country)}.build();
}

}  // namespace tenantry::services
