#include "presence.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <vector>

namespace tenantry::http::realtime {
namespace {

/// `{"key":{"metas":[…]}}`, or `{}`.
void append_one(std::string& out, std::string_view key, std::string_view meta) {
    if (meta.empty()) {
        out += "{}";
        return;
    }
    out += '{';
    append_json_string(out, key);
    ((out += R"(:{"metas":[)") += meta) += "]}}";
}

std::string diff(std::string_view key, std::string_view joins, std::string_view leaves) {
    std::string out = R"({"joins":)";
    append_one(out, key, joins);
    out += R"(,"leaves":)";
    append_one(out, key, leaves);
    return out += '}';
}

std::string with_reference(std::uint64_t reference, std::string_view meta) {
    auto out = fmt::format(R"({{"phx_ref":"{:x}")", reference);
    if (meta != "{}") out += ',';
    return out += meta.substr(1);
}

}  // namespace

auto Presence::track(MemberId member, std::string_view key, std::string_view meta) -> Result<Diff> {
    auto text = with_reference(next_ref_, meta);
    const auto size = key.size() + text.size();
    const auto found = tracked_.find(member);
    const auto freed =
        found == tracked_.end() ? 0 : found->second.key.size() + found->second.meta.size();
    if (bytes_ - freed + size > bytes_max_)
        return fail(Errc::out_of_range, "as much is tracked in this channel as may be");
    bytes_ += size - freed;
    ++next_ref_;
    // A member keeps its key.
    std::string before;
    if (found != tracked_.end()) before = std::move(found->second.meta);
    auto change = diff(key, text, before);
    tracked_.insert_or_assign(member, Tracked{std::string{key}, std::move(text)});
    return change;
}

auto Presence::untrack(MemberId member) -> Diff {
    const auto found = tracked_.find(member);
    if (found == tracked_.end()) return {};
    auto change = diff(found->second.key, {}, found->second.meta);
    bytes_ -= found->second.key.size() + found->second.meta.size();
    tracked_.erase(found);
    return change;
}

std::string Presence::state() const {
    std::map<std::string_view, std::vector<std::string_view>> by_key;
    for (const auto& [member, tracked] : tracked_) by_key[tracked.key].push_back(tracked.meta);
    std::string out;
    char separator = '{';
    for (const auto& [key, metas] : by_key) {
        out += separator;
        append_json_string(out, key);
        out += R"(:{"metas":)";
        char within = '[';
        for (const auto& meta : metas) {
            (out += within) += meta;
            within = ',';
        }
        out += "]}";
        separator = ',';
    }
    return out.empty() ? "{}" : out += '}';
}

}  // namespace tenantry::http::realtime
