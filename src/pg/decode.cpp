#include "pg/decode.hpp"

#include "pg/arguments.hpp"

#include <cstring>
#include <limits>

namespace tenantry::pg {
namespace {

/// Reads big-endian integers off the front.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_{bytes} {}

    template <class Unsigned>
    std::optional<Unsigned> take() noexcept {
        if (bytes_.size() < sizeof(Unsigned)) return std::nullopt;
        Unsigned value = 0;
        for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
            value = static_cast<Unsigned>((static_cast<std::uint64_t>(value) << 8U) |
                                          static_cast<unsigned char>(bytes_[i]));
        bytes_.remove_prefix(sizeof(Unsigned));
        return value;
    }
    std::optional<std::string_view> take_bytes(std::size_t count) noexcept {
        if (bytes_.size() < count) return std::nullopt;
        const auto out = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return out;
    }
    bool at_end() const noexcept { return bytes_.empty(); }

private:
    std::string_view bytes_;
};

constexpr std::int64_t year_1_micros = -62'135'596'800'000'000;
constexpr std::int64_t year_10000_micros = 253'402'300'800'000'000;

constexpr std::uint16_t numeric_negative = 0x4000;
constexpr std::uint16_t numeric_positive = 0x0000;

__extension__ using Wide = __int128;

}  // namespace

std::optional<std::int64_t> decode_integer(std::string_view bytes) noexcept {
    Reader reader{bytes};
    switch (bytes.size()) {
    case 2: return static_cast<std::int16_t>(*reader.take<std::uint16_t>());
    case 4: return static_cast<std::int32_t>(*reader.take<std::uint32_t>());
    case 8: return static_cast<std::int64_t>(*reader.take<std::uint64_t>());
    default: return std::nullopt;
    }
}

std::optional<bool> decode_boolean(std::string_view bytes) noexcept {
    if (bytes.size() != 1) return std::nullopt;
    return bytes.front() != 0;
}

std::optional<Uuid> decode_uuid(std::string_view bytes) noexcept {
    Uuid uuid{};
    if (bytes.size() != sizeof uuid.data) return std::nullopt;
    std::memcpy(uuid.data, bytes.data(), bytes.size());
    return uuid;
}

std::optional<Timestamp> decode_timestamp(std::string_view bytes) noexcept {
    if (bytes.size() != 8) return std::nullopt;
    const auto micros = *decode_integer(bytes);
    if (micros < year_1_micros - epoch_micros || micros >= year_10000_micros - epoch_micros)
        return std::nullopt;
    return Timestamp{std::chrono::microseconds{micros + epoch_micros}};
}

// Base 10000: `digits` of them, the first of weight 10000^weight.
std::optional<std::int64_t> decode_numeric(std::string_view bytes, std::uint8_t scale) noexcept {
    Reader reader{bytes};
    const auto digits = reader.take<std::uint16_t>();
    const auto weight = reader.take<std::uint16_t>();
    const auto sign = reader.take<std::uint16_t>();
    const auto shown_scale = reader.take<std::uint16_t>();
    if (!shown_scale || (*sign != numeric_positive && *sign != numeric_negative))
        return std::nullopt;
    constexpr Wide limit = std::numeric_limits<std::int64_t>::max();
    Wide value = 0;
    // The power of ten of the digit's last place, relative to the unit 10^-scale.
    int exponent = static_cast<std::int16_t>(*weight) * 4 + scale;
    for (int i = 0; i < *digits; ++i, exponent -= 4) {
        const auto digit = reader.take<std::uint16_t>();
        if (!digit || *digit > 9999) return std::nullopt;
        if (*digit == 0) continue;
        Wide term = *digit;
        if (exponent > 18) return std::nullopt;
        for (int e = 0; e < exponent; ++e) term *= 10;
        for (int e = exponent; e < 0; ++e) {
            if (term % 10 != 0) return std::nullopt;
            term /= 10;
        }
        value += term;
        if (value > limit) return std::nullopt;
    }
    if (!reader.at_end()) return std::nullopt;
    const auto out = static_cast<std::int64_t>(value);
    return *sign == numeric_negative ? -out : out;
}

bool decode_text_array(std::string_view bytes, const std::function<void(std::string_view)>& take) {
    Reader reader{bytes};
    const auto dimensions = reader.take<std::uint32_t>();
    const auto has_nulls = reader.take<std::uint32_t>();
    const auto type = reader.take<std::uint32_t>();
    if (!type || !has_nulls || !dimensions || *dimensions > 1) return false;
    if (*dimensions == 0) return reader.at_end();
    const auto count = reader.take<std::uint32_t>();
    if (!count || !reader.take<std::uint32_t>()) return false;
    for (std::uint32_t i = 0; i < *count; ++i) {
        const auto length = reader.take<std::uint32_t>();
        if (!length || *length > std::numeric_limits<std::int32_t>::max()) return false;
        const auto element = reader.take_bytes(*length);
        if (!element) return false;
        take(*element);
    }
    return reader.at_end();
}

std::optional<std::string_view> decode_jsonb(std::string_view bytes) noexcept {
    if (bytes.empty() || bytes.front() != 1) return std::nullopt;
    return bytes.substr(1);
}

}  // namespace tenantry::pg
