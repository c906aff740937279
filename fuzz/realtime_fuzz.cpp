/// Any bytes as what a WebSocket's client sends; the first says what of it: a text frame of either
/// version, a binary frame, the payload of a join, a filter, a regular expression. What is
/// understood can be answered in JSON, and judges a row without a mistake.

#include "query/algebra.hpp"
#include "realtime/bindings.hpp"
#include "realtime/hub.hpp"
#include "realtime/message.hpp"
#include "schema/json.hpp"
#include "schema/lead_schema.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace tenantry;
using namespace tenantry::http::realtime;

void require(bool truth) {
    if (!truth) std::abort();
}

const schema::Relation& leads() { return schema::lead_catalog().relation("leads"); }

/// A row whose texts are `text`.
feed::RowImage row_of(std::string_view text) {
    feed::RowImage row{.values = {}, .json = "{}"};
    for (const auto* column : query::all_columns(leads())) {
        const bool is_text = column->type() == schema::ColumnType::text;
        row.values.push_back(is_text ? schema::Value{schema::Text{text}} : schema::Value{});
    }
    return row;
}

void try_message(Version version, const Result<Inbound>& message) {
    if (!message) return require(!message.error().message.empty());
    require(message->topic.size() <= topic_bytes_max);
    std::string reply;
    append_reply(reply, version, {message->join_ref, message->ref, message->topic}, "ok", "{}");
    const auto again = parse_text(version, reply);
    require(again && again->topic == message->topic && again->ref == message->ref &&
            again->join_ref == message->join_ref);
    if (!message->push) return;
    if (message->push->is_json) {
        const auto payload = broadcast_payload(message->push->event, message->push->payload);
        require(schema::read_json(payload).has_value());
    }
}

void try_join(std::string_view text) {
    const auto json = schema::read_json(text);
    if (!json) return;
    const auto join = JoinRequest::parse(*json, 100);
    if (!join) return require(!join.error().message.empty());
    require(schema::read_json(echo(join->bindings)).has_value());
    auto bindings = Bindings::parse(join->bindings, schema::lead_catalog());
    if (!bindings) return require(!bindings.error().message.empty());
    feed::Change change{.seq = 1, .relation = &leads(), .op = feed::Op::insert};
    change.row = row_of("a");
    const auto [ids, selected] = bindings->match(change);
    if (selected != nullptr)
        require(schema::read_json(change_text(change, "e", *selected)).has_value());
}

void try_filter(std::string_view text) {
    const auto filter = ChangeFilter::parse(leads(), text);
    if (!filter) return require(!filter.error().message.empty());
    for (const std::string_view value : {"", "a", "Oslo, old town", "grüß dich"})
        static_cast<void>(filter->passes(row_of(value)));
}

void try_regex(std::string_view text) {
    const auto zero = text.find('\0');
    const auto pattern = text.substr(0, zero);
    const std::string_view subject =
        zero == std::string_view::npos ? "some text" : text.substr(zero + 1);
    // What reaches it is UTF-8.
    if (!schema::read_json("\"" + std::string{pattern} + std::string{subject} + "\"")) return;
    const auto regex = Regex::parse(pattern, LetterCase::ignored);
    if (!regex) return require(!regex.error().message.empty());
    static_cast<void>(regex->found_in(subject));
    static_cast<void>(like(subject, pattern, LetterCase::ignored));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (data[0] % 6) {
    case 0: try_message(Version::v1, parse_text(Version::v1, text)); break;
    case 1: try_message(Version::v2, parse_text(Version::v2, text)); break;
    case 2: try_message(Version::v2, parse_binary(text)); break;
    case 3: try_join(text); break;
    case 4: try_filter(text); break;
    default: try_regex(text); break;
    }
    return 0;
}
