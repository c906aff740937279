// Every cast begins with the text form of what is there, as PostgreSQL's casts through text do;
// only what a number is rounded from and what a truth is read from depends on the type that it has.

#include "query/cast.hpp"

#include "base/text.hpp"
#include "cell_text.hpp"
#include "schema/json.hpp"
#include "schema/json_query.hpp"
#include "text_scanner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace tenantry::query {
namespace {

using schema::ColumnType;
namespace json = boost::json;

struct TypeName {
    std::string_view name;
    Cast cast;
};
/// The first of each is the one that is told.
constexpr std::array type_names{
    TypeName{"text", Cast::text},
    TypeName{"varchar", Cast::text},
    TypeName{"character varying", Cast::text},
    TypeName{"smallint", Cast::int2},
    TypeName{"int2", Cast::int2},
    TypeName{"integer", Cast::int4},
    TypeName{"int", Cast::int4},
    TypeName{"int4", Cast::int4},
    TypeName{"bigint", Cast::int8},
    TypeName{"int8", Cast::int8},
    TypeName{"numeric", Cast::numeric},
    TypeName{"decimal", Cast::numeric},
    TypeName{"real", Cast::float4},
    TypeName{"float4", Cast::float4},
    TypeName{"double precision", Cast::float8},
    TypeName{"float", Cast::float8},
    TypeName{"float8", Cast::float8},
    TypeName{"boolean", Cast::boolean},
    TypeName{"bool", Cast::boolean},
    TypeName{"date", Cast::date},
    TypeName{"time", Cast::time},
    TypeName{"time without time zone", Cast::time},
    TypeName{"timestamp", Cast::timestamp},
    TypeName{"timestamp without time zone", Cast::timestamp},
    TypeName{"timestamptz", Cast::timestamptz},
    TypeName{"timestamp with time zone", Cast::timestamptz},
    TypeName{"uuid", Cast::uuid},
    TypeName{"json", Cast::json},
    TypeName{"jsonb", Cast::jsonb},
};

std::string_view name_of(Cast cast) {
    return std::ranges::find(type_names, cast, &TypeName::cast)->name;
}

/// What is cast, as far as it matters.
enum class Source { text, json, integer, numeric, floating, boolean, time, date, uuid, other };

Source source_of_native(std::string_view type) {
    if (type == "smallint" || type == "integer") return Source::integer;
    if (type.ends_with(']')) return Source::other;
    if (type.starts_with("numeric")) return Source::numeric;
    if (type == "real" || type == "double precision") return Source::floating;
    if (type.starts_with("timestamp")) return Source::time;
    if (type == "date") return Source::date;
    if (type == "json") return Source::json;
    return Source::other;
}

Source source_of(const Column& column, const std::optional<JsonPath>& path) {
    if (path) return path->as_text ? Source::text : Source::json;
    switch (column.type()) {
    case ColumnType::text: return Source::text;
    case ColumnType::uuid: return Source::uuid;
    case ColumnType::integer: return Source::integer;
    case ColumnType::numeric: return Source::numeric;
    case ColumnType::boolean: return Source::boolean;
    case ColumnType::timestamptz: return Source::time;
    case ColumnType::json: return Source::json;
    case ColumnType::native: return source_of_native(column.options().native_type);
    case ColumnType::text_array:
    case ColumnType::sealed: break;
    }
    return Source::other;
}

bool is_number(Cast cast) { return cast >= Cast::int2 && cast <= Cast::float8; }

bool exists(Source source, Cast cast) {
    if (cast == Cast::text) return true;
    switch (source) {
    case Source::text: return true;
    case Source::json:
        return is_number(cast) || cast == Cast::boolean || cast == Cast::json ||
               cast == Cast::jsonb;
    case Source::integer: return is_number(cast) || cast == Cast::boolean;
    case Source::numeric:
    case Source::floating: return is_number(cast);
    case Source::boolean: return cast == Cast::boolean || cast == Cast::int4;
    case Source::time:
        return cast == Cast::date || cast == Cast::time || cast == Cast::timestamp ||
               cast == Cast::timestamptz;
    case Source::date:
        return cast == Cast::date || cast == Cast::timestamp || cast == Cast::timestamptz;
    case Source::uuid: return cast == Cast::uuid;
    case Source::other: break;
    }
    return false;
}

/// Some value of `column` is none of the type.
bool may_fail(const Column& column, const std::optional<JsonPath>& path, Cast cast) {
    const auto source = source_of(column, path);
    if (cast == Cast::text) return false;
    if (source == Source::text) return true;
    if (source == Source::json) return cast != Cast::json && cast != Cast::jsonb;
    if (!is_number(cast) || source == Source::boolean) return false;
    if (cast == Cast::numeric) return false;
    // Numbers of ours have 18 digits at the most.
    const bool is_short = column.type() != ColumnType::native;
    if (cast == Cast::float8) return source == Source::numeric && !is_short;
    return cast != Cast::int8 || !is_short;
}

bool any_may_fail(const Read& read, const Shape& shape) {
    const auto part_may = [&](const Shape::Part& part) {
        return part.cast && !read.only_count &&
               may_fail(*read.projection[part.column], part.path, *part.cast);
    };
    const auto nested_may = [&](const Shape::Nested& nested) {
        return any_may_fail(read.embeds[nested.embed].read, nested.shape);
    };
    return std::ranges::any_of(shape.parts, part_may) ||
           std::ranges::any_of(shape.nested, nested_may);
}

std::string told(std::string_view text) { return printable(excerpt(text)); }

/// A sign that C++ doesn't read.
std::string_view without_plus(std::string_view number) {
    return number.substr(number.starts_with('+') && !number.starts_with("+-") ? 1 : 0);
}

/// Casts one value.
class Caster {
public:
    Caster(const Column& column, Source source, Cast cast, std::string_view text)
        : column_{column}, source_{source}, cast_{cast}, text_{text} {}

    Result<Recast> run() {
        if (source_ == Source::json && cast_ != Cast::text && cast_ != Cast::json &&
            cast_ != Cast::jsonb)
            TENANTRY_TRY_VOID(look_inside());
        switch (cast_) {
        case Cast::text: return Recast{std::string{text_}, Recast::Form::quoted};
        case Cast::int2: return whole<std::int16_t>();
        case Cast::int4: return whole<std::int32_t>();
        case Cast::int8: return whole<std::int64_t>();
        case Cast::numeric: return numeric();
        case Cast::float4: return floating<float>(6);
        case Cast::float8: return floating<double>(15);
        case Cast::boolean: return truth();
        case Cast::uuid: return uuid();
        case Cast::json:
        case Cast::jsonb: return document();
        case Cast::date:
        case Cast::time:
        case Cast::timestamp:
        case Cast::timestamptz: return time();
        }
        std::unreachable();
    }

private:
    Error refuse(Errc code, std::string_view why) const {
        return fail(
            code,
            fmt::format("{}: '{}' {} {}", column_.name(), query::told(text_), why, name_of(cast_)),
            column_.name());
    }
    Error no_such() const { return refuse(Errc::bad_value, "is no"); }
    Error too_large() const { return refuse(Errc::out_of_range, "is out of range of"); }

    /// A number or a truth that is JSON; no other JSON is cast to one.
    Result<void> look_inside() {
        const auto place = schema::read_json(text_);
        const bool fits = place && (is_number(cast_) ? place->is_number() : place->is_bool());
        if (!fits) return no_such();
        source_ = is_number(cast_) ? Source::numeric : Source::boolean;
        return {};
    }

    template <class Integer>
    Result<Recast> whole() const {
        if (source_ == Source::boolean) return Recast{text_ == "true" ? "1" : "0"};
        std::int64_t value = 0;
        const auto text = without_plus(trim(text_));
        const auto* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, value);
        if (error == std::errc::result_out_of_range && end == last) return too_large();
        if (error != std::errc{} || end != last) {
            if (source_ == Source::text) return no_such();
            TENANTRY_TRY(nearest, rounded());
            value = nearest;
        }
        if (!std::in_range<Integer>(value)) return too_large();
        return Recast{fmt::to_string(value)};
    }

    /// What PostgreSQL counts among its numbers and JSON doesn't: NaN and the infinities.
    bool is_no_number() const {
        return source_ != Source::text && (text_ == "NaN" || text_.ends_with("Infinity"));
    }

    /// Half away from zero, and of what floats to the even one.
    Result<std::int64_t> rounded() const {
        if (source_ == Source::floating) {
            constexpr double limit = 9223372036854775808.0;
            const auto value = std::nearbyint(schema::nearest_double(text_, limit));
            if (!(value >= -limit && value < limit)) return too_large();
            return static_cast<std::int64_t>(value);
        }
        constexpr std::uint8_t digits = 18;
        const auto value = parse_decimal(text_, digits, 0);
        if (!value) return value.error().code == Errc::out_of_range ? too_large() : no_such();
        return value->unscaled;
    }

    /// With its digits, an exponent written out.
    Result<Recast> numeric() const {
        if (is_no_number()) return Recast{std::string{text_}, Recast::Form::quoted};
        auto text = trim(text_);
        std::string shorter;
        if (source_ == Source::floating) {
            // What is certain of it.
            shorter = fmt::format("{:.15g}", schema::nearest_double(text_, 0));
            text = shorter;
        }
        const bool negative = text.starts_with('-');
        if (negative || text.starts_with('+')) text.remove_prefix(1);
        const auto mark = std::min(text.find_first_of("eE"), text.size());
        int exponent = 0;
        if (mark < text.size()) {
            auto power = text.substr(mark + 1);
            if (power.starts_with('+')) power.remove_prefix(1);
            const auto* const last = power.data() + power.size();
            const auto [end, error] = std::from_chars(power.data(), last, exponent);
            if (error == std::errc::result_out_of_range) return too_large();
            if (error != std::errc{} || end != last) return no_such();
            constexpr int exponent_max = 1000;
            if (std::abs(exponent) > exponent_max) return too_large();
        }
        const auto point = std::min(text.find('.'), mark);
        auto digits = std::string{text.substr(0, point)};
        if (point < mark) digits += text.substr(point + 1, mark - point - 1);
        if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
            return no_such();
        return Recast{moved(std::move(digits), static_cast<int>(point) + exponent, negative)};
    }

    /// `digits` with the point behind `place` of them.
    static std::string moved(std::string digits, int place, bool negative) {
        if (place < 1) {
            digits.insert(0, static_cast<std::size_t>(1 - place), '0');
            place = 1;
        }
        const auto whole = static_cast<std::size_t>(place);
        if (digits.size() < whole) digits.append(whole - digits.size(), '0');
        const auto first = std::min(digits.find_first_not_of('0'), whole - 1);
        auto out = digits.substr(first, whole - first);
        if (digits.size() > whole) out += '.' + digits.substr(whole);
        const bool is_zero = out.find_first_not_of("0.") == std::string::npos;
        return negative && !is_zero ? '-' + out : out;
    }

    /// In the fewest digits that tell it from its neighbours; beyond `digits_plain` of them with an
    /// exponent, as PostgreSQL prints them.
    template <class Float>
    Result<Recast> floating(int digits_plain) const {
        if (is_no_number()) return Recast{std::string{text_}, Recast::Form::quoted};
        constexpr auto none = std::numeric_limits<double>::quiet_NaN();
        const auto wide = schema::nearest_double(without_plus(trim(text_)), none);
        if (std::isnan(wide)) return no_such();
        const auto value = static_cast<Float>(wide);
        if (std::isinf(value)) return too_large();
        std::array<char, 64> buffer{};
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                       std::chars_format::scientific)
                             .ptr;
        const std::string_view printed{buffer.data(), end};
        const auto mark = printed.find('e');
        int exponent = 0;
        const auto from = mark + (printed[mark + 1] == '+' ? 2 : 1);
        std::from_chars(printed.data() + from, end, exponent);
        if (exponent < -4 || exponent >= digits_plain) return Recast{std::string{printed}};
        const bool negative = printed.front() == '-';
        std::string digits{printed.substr(negative ? 1 : 0, mark - (negative ? 1 : 0))};
        std::erase(digits, '.');
        return Recast{moved(std::move(digits), exponent + 1, negative)};
    }

    Result<Recast> truth() const {
        if (source_ == Source::boolean) return Recast{std::string{text_}, Recast::Form::boolean};
        if (source_ == Source::integer)
            return Recast{text_ == "0" ? "false" : "true", Recast::Form::boolean};
        const auto word = to_lower_ascii(trim(text_));
        // As many letters as tell it apart.
        const auto begins = [&](std::string_view whole, std::size_t least) {
            return word.size() >= least && whole.starts_with(word);
        };
        if (begins("true", 1) || begins("yes", 1) || begins("on", 2) || word == "1")
            return Recast{"true", Recast::Form::boolean};
        if (begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0")
            return Recast{"false", Recast::Form::boolean};
        return no_such();
    }

    Result<Recast> uuid() const {
        const auto value = parse_uuid(trim(text_));
        if (!value) return no_such();
        return Recast{schema::to_text(*value), Recast::Form::quoted};
    }

    Result<Recast> document() const {
        if (source_ == Source::json) return Recast{std::string{text_}};
        auto value = schema::read_json(text_);
        if (!value) return no_such();
        if (cast_ == Cast::json) return Recast{std::string{text_}};
        schema::make_canonical(*value);
        return Recast{json_of(*value)};
    }

    /// Of a text as it is written, whatever zone is behind it, unless the zone is asked for.
    Result<Recast> time() const {
        if (source_ != Source::text) return part_of_time();
        const auto text = trim(text_);
        if (cast_ == Cast::time) return time_of_day(text);
        constexpr std::size_t date_length = 10;
        const auto zone_at = text.size() > date_length
                                 ? std::min(text.find_first_of("+-Zz", date_length), text.size())
                                 : text.size();
        auto zone = std::string{text.substr(zone_at)};
        auto local = std::string{trim(text.substr(0, zone_at))};
        constexpr auto minutes_only = std::string_view{"2026-01-06T08:30"}.size();
        if (local.size() == minutes_only) local += ":00";
        if (zone.size() == std::string_view{"+00"}.size()) zone += ":00";
        if (zone.empty() || cast_ != Cast::timestamptz) zone = "Z";
        const auto value = parse_timestamp(local.size() == date_length ? local : local + zone);
        if (!value) return no_such();
        return told(*value);
    }

    /// `2026-01-06 08:30:00.5+00`, in UTC; or the day alone; years of any length, and ` BC` behind.
    Recast part_of_time() const {
        auto text = text_;
        if (text.ends_with("infinity")) return {std::string{text}, Recast::Form::quoted};
        constexpr std::string_view before_christ = " BC";
        const bool is_old = text.ends_with(before_christ);
        if (is_old) text.remove_suffix(before_christ.size());
        const auto day_end = std::min(text.find(' '), text.size());
        const auto day = text.substr(0, day_end);
        auto hour = text.substr(std::min(day_end + 1, text.size()));
        hour = hour.substr(0, hour.find('+'));
        if (hour.empty()) hour = "00:00:00";
        std::string out{cast_ == Cast::time ? hour : day};
        if (cast_ == Cast::timestamp || cast_ == Cast::timestamptz) {
            out += 'T';
            out += hour;
        }
        if (cast_ == Cast::timestamptz) out += "+00:00";
        if (is_old && cast_ != Cast::time) out += before_christ;
        return {std::move(out), Recast::Form::time};
    }

    Result<Recast> time_of_day(std::string_view text) const {
        const auto value = parse_timestamp(fmt::format("2000-01-01T{}Z", text));
        if (!value) return no_such();
        return told(*value);
    }

    Recast told(Timestamp value) const {
        constexpr std::size_t date_length = 10;
        std::string out;
        append_time(out, value, 'T', cast_ == Cast::timestamptz ? "+00:00" : "");
        if (cast_ == Cast::date) out.resize(date_length);
        if (cast_ == Cast::time) out.erase(0, date_length + 1);
        return {std::move(out), Recast::Form::time};
    }

    const Column& column_;
    Source source_;
    Cast cast_;
    std::string_view text_;
};

}  // namespace

Result<Cast> find_cast(std::string_view type) {
    const auto found = std::ranges::find_if(
        type_names, [&](const TypeName& known) { return equals_ignoring_case(known.name, type); });
    if (found != type_names.end()) return found->cast;
    std::vector<std::string_view> known;
    known.reserve(type_names.size());
    for (const auto& each : type_names) {
        if (known.empty() || known.back() != name_of(each.cast))
            known.push_back(name_of(each.cast));
    }
    return fail(Errc::unknown_type, fmt::format("there is no cast to {}, only to {}", told(type),
                                                fmt::join(known, ", ")));
}

Result<void> check_cast(const Column& column, const std::optional<JsonPath>& path, Cast cast) {
    if (exists(source_of(column, path), cast)) return {};
    return fail(Errc::cannot_cast,
                fmt::format("{} can't be cast to {}", column.name(), name_of(cast)), column.name());
}

bool may_fail(const ShapedRead& read) { return any_may_fail(read.read, read.shape); }

void Recast::append_json(std::string& out) const {
    if (form == Form::plain || form == Form::boolean) {
        out += text;
    } else {
        append_json_string(out, text);
    }
}

std::string Recast::row_text() const {
    auto out = text;
    if (form == Form::boolean) out.resize(1);
    if (form == Form::time) {
        std::ranges::replace(out, 'T', ' ');
        if (out.ends_with("+00:00")) out.resize(out.size() - 3);
    }
    return out;
}

Result<std::optional<Recast>> recast(const Column& column, const std::optional<JsonPath>& path,
                                     Cast cast, const Cell& cell) {
    if (cell.kind == Cell::Kind::null) return std::nullopt;
    const auto source = source_of(column, path);
    std::string text;
    if (path) {
        const auto place = find_place(cell, *path);
        if (place.is_null()) return std::nullopt;
        text = path->as_text ? schema::text_of(place) : json_of(place);
        if (source == Source::json && cast == Cast::text) text = jsonb_text(text);
    } else if (column.type() == ColumnType::json && cast != Cast::text) {
        text = cell.text;
    } else {
        text = text_of(column, cell);
    }
    TENANTRY_TRY(value, (Caster{column, source, cast, text}.run()));
    return std::optional{std::move(value)};
}

}  // namespace tenantry::query
