#include "services/tenant_quotas.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace tenantry::services {
namespace {

namespace json = boost::json;

json::value number_or(std::uint64_t value, json::value none) {
    if (value == Quotas::unlimited) return none;
    return json::value(static_cast<std::int64_t>(value));
}

Result<std::uint64_t> quota_of(const QuotaInfo& quota, const json::value& value) {
    if (const auto* text = value.if_string(); text != nullptr && *text == Quotas::unlimited_word)
        return Quotas::unlimited;
    if (const auto* number = value.if_int64(); number != nullptr && *number >= 0)
        return parse_quota(quota, fmt::to_string(*number));
    return fail(Errc::bad_value,
                fmt::format("{} is a whole number up to {}, \"{}\", or null for the default",
                            quota.name, quota.max, Quotas::unlimited_word),
                std::string{quota.name});
}

std::string names_of_all() {
    std::string names;
    for (const auto& info : quota_infos) {
        if (!names.empty()) names += ", ";
        names += info.name;
    }
    return names;
}

/// What was said, for the log.
std::string detail_of(const QuotaChanges& changes) {
    json::object detail;
    for (std::size_t i = 0; i < quota_infos.size(); ++i) {
        if (!changes[i]) continue;
        detail[quota_infos[i].name] =
            *changes[i] ? number_or(**changes[i], json::value(Quotas::unlimited_word))
                        : json::value("default");
    }
    return json::serialize(detail);
}

}  // namespace

std::vector<HeldQuota> held_quotas(std::string_view settings, const Quotas& defaults) {
    const auto overrides = quota_overrides(settings);
    const auto quotas = quotas_with(defaults, overrides);
    std::vector<HeldQuota> held;
    for (std::size_t i = 0; i < quota_infos.size(); ++i) {
        const auto& info = quota_infos[i];
        held.push_back({info.name, quotas.*info.member, overrides[i].has_value()});
    }
    return held;
}

json::object to_json(const std::vector<HeldQuota>& quotas) {
    json::object out;
    for (const auto& quota : quotas) {
        out[quota.name] = {{"value", number_or(quota.value, nullptr)},
                           {"source", quota.own ? "tenant" : "default"}};
    }
    return out;
}

Result<QuotaChanges> parse_quota_changes(const json::object& said) {
    QuotaChanges changes{};
    for (const auto& [name, value] : said) {
        const auto known = std::ranges::find(quota_infos, std::string_view{name}, &QuotaInfo::name);
        if (known == quota_infos.end()) {
            return fail(Errc::unknown_field,
                        fmt::format("there is no such quota; known are {}", names_of_all()));
        }
        auto& change = changes[static_cast<std::size_t>(known - quota_infos.begin())];
        change.emplace(std::nullopt);
        if (value.is_null()) continue;
        TENANTRY_TRY(quota, quota_of(*known, value));
        *change = quota;
    }
    if (said.empty()) {
        return fail(Errc::missing_field,
                    fmt::format("the body says nothing; it takes {}", names_of_all()));
    }
    return changes;
}

Result<std::string> set_quotas(engine::ControlStore& store, const TenantId& tenant,
                               const QuotaChanges& changes) {
    const engine::Act act{
        .action = "tenant.set_quota", .tenant = tenant, .detail = detail_of(changes)};
    return store.change_tenant_settings(
        act, [&](std::string_view settings) { return change_quotas(settings, changes); });
}

}  // namespace tenantry::services
