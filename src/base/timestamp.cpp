#include "base/timestamp.hpp"

#include "base/random.hpp"

#include <cstdint>
#include <optional>

namespace tenantry {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_{text} {}

    bool done() const { return rest_.empty(); }
    bool skip(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool skip_any(std::string_view set) {
        if (rest_.empty() || set.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    /// One to nine fractional digits as microseconds; what is finer is cut off.
    std::optional<microseconds> fraction() {
        std::int64_t value = 0;
        std::size_t seen = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            if (seen < 6) value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
            ++seen;
        }
        if (seen == 0 || seen > 9) return std::nullopt;
        for (std::size_t i = seen; i < 6; ++i) value *= 10;
        return microseconds{value};
    }

private:
    std::string_view rest_;
};

std::optional<std::chrono::sys_days> scan_date(Scanner& in) {
    const auto year = in.digits(4);
    if (!year || !in.skip('-')) return std::nullopt;
    const auto month = in.digits(2);
    if (!month || !in.skip('-')) return std::nullopt;
    const auto day = in.digits(2);
    if (!day || *year == 0) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date};
}

std::optional<microseconds> scan_time(Scanner& in) {
    const auto hour = in.digits(2);
    if (!hour || *hour > 23 || !in.skip(':')) return std::nullopt;
    const auto minute = in.digits(2);
    if (!minute || *minute > 59 || !in.skip(':')) return std::nullopt;
    const auto second = in.digits(2);
    // A leap second (60) has no place on this time line; it counts as the second after.
    if (!second || *second > 60) return std::nullopt;
    microseconds fraction{0};
    if (in.skip('.')) {
        const auto scanned = in.fraction();
        if (!scanned) return std::nullopt;
        fraction = *scanned;
    }
    return hours{*hour} + minutes{*minute} + seconds{*second} + fraction;
}

std::optional<minutes> scan_offset(Scanner& in) {
    if (in.skip_any("Zz")) return minutes{0};
    const bool west = in.skip('-');
    if (!west && !in.skip('+')) return std::nullopt;
    const auto hour = in.digits(2);
    if (!hour || *hour > 23 || !in.skip(':')) return std::nullopt;
    const auto minute = in.digits(2);
    if (!minute || *minute > 59) return std::nullopt;
    const minutes offset = hours{*hour} + minutes{*minute};
    return west ? -offset : offset;
}

std::optional<Timestamp> scan_timestamp(std::string_view text) {
    Scanner in{text};
    const auto date = scan_date(in);
    if (!date) return std::nullopt;
    if (in.done()) return Timestamp{*date};
    if (!in.skip_any("Tt ")) return std::nullopt;
    const auto time = scan_time(in);
    if (!time) return std::nullopt;
    const auto offset = scan_offset(in);
    if (!offset || !in.done()) return std::nullopt;
    return Timestamp{*date} + *time - *offset;
}

/// Puts `width` digits before `end`.
void put_before(char* end, std::int64_t value, int width) {
    for (; width > 0; --width) {
        *--end = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

constexpr Timestamp earliest{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
constexpr Timestamp latest{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31} + days{1} -
                           microseconds{1}};

}  // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
    const auto value = scan_timestamp(text);
    if (!value || *value < earliest || *value > latest) {
        return fail(Errc::bad_value, "is not an RFC 3339 date-time or date");
    }
    return *value;
}

void append_timestamp(std::string& out, Timestamp value) {
    const auto day = std::chrono::floor<days>(value);
    const std::chrono::year_month_day date{day};
    const auto micros = (value - day).count();
    const auto seconds = micros / 1'000'000;
    const auto fraction = micros % 1'000'000;
    const bool is_short = fraction % 1000 == 0;
    char text[] = "0000-00-00T00:00:00.000000Z";
    char* const end = text + (is_short ? 23 : 26);
    *end = 'Z';
    put_before(end, is_short ? fraction / 1000 : fraction, is_short ? 3 : 6);
    put_before(text + 19, seconds % 60, 2);
    put_before(text + 16, seconds / 60 % 60, 2);
    put_before(text + 13, seconds / 3600, 2);
    put_before(text + 10, static_cast<unsigned>(date.day()), 2);
    put_before(text + 7, static_cast<unsigned>(date.month()), 2);
    put_before(text + 4, static_cast<int>(date.year()), 4);
    out.append(text, static_cast<std::size_t>(end + 1 - text));
}

Uuid Clock::new_id() const { return new_uuid(); }

const Clock& system_clock() {
    class SystemClock final : public Clock {
        Timestamp now() const override {
            return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
        }
    };
    static const SystemClock clock;
    return clock;
}

}  // namespace tenantry
