#include "pg/arguments.hpp"

namespace tenantry::pg {

void Arguments::add(std::string_view bytes, Format format) {
    open(format);
    arena_ += bytes;
    close();
}

void Arguments::close() {
    auto& slot = slots_.back();
    slot.length = arena_.size() - slot.offset;
    arena_ += '\0';  // libpq measures values in text format itself
}

void Arguments::put_int32(std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) arena_ += static_cast<char>(value >> shift);
}

void Arguments::put_int64(std::uint64_t value) {
    put_int32(static_cast<std::uint32_t>(value >> 32U));
    put_int32(static_cast<std::uint32_t>(value));
}

void Arguments::add_integer(std::int64_t value) {
    open(Format::binary);
    put_int64(static_cast<std::uint64_t>(value));
    close();
}

void Arguments::add_timestamp(Timestamp value) {
    add_integer(value.time_since_epoch().count() - epoch_micros);
}

void Arguments::add_uuid(const Uuid& value) {
    add({reinterpret_cast<const char*>(value.data), sizeof value.data}, Format::binary);
}

void Arguments::add_decimal(const Decimal& value) {
    open(Format::text);
    append_decimal(arena_, value);
    close();
}

void Arguments::begin_array(std::uint32_t element_type, std::size_t elements) {
    open(Format::binary);
    put_int32(elements == 0 ? 0 : 1);  // dimensions
    put_int32(0);                      // whether there are NULLs, which the server finds out itself
    put_int32(element_type);
    if (elements == 0) return;
    put_int32(static_cast<std::uint32_t>(elements));
    put_int32(1);  // the first index
}

void Arguments::add_element(std::string_view binary) {
    put_int32(static_cast<std::uint32_t>(binary.size()));
    arena_ += binary;
}

void Arguments::add_integer_element(std::int64_t value) {
    put_int32(sizeof value);
    put_int64(static_cast<std::uint64_t>(value));
}

void Arguments::add_timestamp_element(Timestamp value) {
    add_integer_element(value.time_since_epoch().count() - epoch_micros);
}

void Arguments::add_text_array(std::span<const std::string> elements) {
    begin_array(oid::text, elements.size());
    for (const auto& element : elements) add_element(element);
    end_array();
}

void Arguments::fill(Wire& wire) const {
    wire.values.clear();
    wire.lengths.clear();
    wire.formats.clear();
    for (const auto& slot : slots_) {
        wire.values.push_back(slot.present ? arena_.data() + slot.offset : nullptr);
        wire.lengths.push_back(static_cast<int>(slot.length));
        wire.formats.push_back(static_cast<int>(slot.format));
    }
}

std::string_view Arguments::at(std::size_t index) const {
    const auto& slot = slots_[index];
    return std::string_view{arena_}.substr(slot.offset, slot.length);
}

}  // namespace tenantry::pg
