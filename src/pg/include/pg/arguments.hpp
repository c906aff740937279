#pragma once
/// The values of one execution in the form in which they go over the wire.
///
/// Text, uuids, integers, booleans, times and arrays go in PostgreSQL's binary formats, numerics
/// and JSON as text. Bytes live in one arena. Threads: a value. Spec: PostgreSQL manual, "Extended
/// Query"; the send and receive functions of each type.

#include "base/decimal.hpp"
#include "base/id.hpp"
#include "base/timestamp.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::pg {

/// Microseconds from 1970, where we count from, to 2000, where PostgreSQL does.
inline constexpr std::int64_t epoch_micros = 946'684'800'000'000;

/// Type numbers that never change.
namespace oid {
inline constexpr std::uint32_t boolean = 16;
inline constexpr std::uint32_t int8 = 20;
inline constexpr std::uint32_t int4 = 23;
inline constexpr std::uint32_t text = 25;
inline constexpr std::uint32_t timestamptz = 1184;
inline constexpr std::uint32_t numeric = 1700;
inline constexpr std::uint32_t uuid = 2950;
inline constexpr std::uint32_t jsonb = 3802;
}  // namespace oid

class Arguments {
public:
    void add_null() { slots_.push_back({}); }
    /// For a parameter of a text type; NUL bytes would be refused by the server.
    void add_text(std::string_view text) { add(text, Format::binary); }
    /// The text form of any type, without NUL bytes.
    void add_literal(std::string_view text) { add(text, Format::text); }
    void add_integer(std::int64_t value);
    void add_boolean(bool value) {
        add(std::string_view{value ? "\x01" : "\0", 1}, Format::binary);
    }
    void add_timestamp(Timestamp value);
    void add_uuid(const Uuid& value);
    void add_decimal(const Decimal& value);
    void add_text_array(std::span<const std::string> elements);

    /// An array of `elements` elements of a type, each to be added by one of the functions below,
    /// and then its end.
    void begin_array(std::uint32_t element_type, std::size_t elements);
    void add_null_element() { put_int32(0xFFFF'FFFF); }
    void add_element(std::string_view binary);
    void add_integer_element(std::int64_t value);
    void add_timestamp_element(Timestamp value);
    void end_array() { close(); }

    std::size_t size() const noexcept { return slots_.size(); }
    std::size_t bytes() const noexcept { return arena_.size(); }

    /// Three arrays as libpq takes them, valid while the Arguments stand unchanged.
    struct Wire {
        std::vector<const char*> values{};  // nullptr is NULL
        std::vector<int> lengths{};
        std::vector<int> formats{};
    };
    void fill(Wire& wire) const;

    /// One value as it goes over the wire, for tests; empty for NULL.
    std::string_view at(std::size_t index) const;

private:
    enum class Format : int { text = 0, binary = 1 };
    struct Slot {
        std::size_t offset = 0;
        std::size_t length = 0;
        Format format = Format::text;
        bool present = false;
    };
    void add(std::string_view bytes, Format format);
    void open(Format format) { slots_.push_back({arena_.size(), 0, format, true}); }
    void close();
    void put_int32(std::uint32_t value);
    void put_int64(std::uint64_t value);

    std::string arena_;
    std::vector<Slot> slots_;
};

}  // namespace tenantry::pg
