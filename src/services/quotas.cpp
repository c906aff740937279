#include "services/quotas.hpp"

#include "schema/json.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include <charconv>

namespace tenantry::services {
namespace {

namespace json = boost::json;

constexpr std::string_view member_name = "quotas";

std::optional<json::object> parse_object(std::string_view text) {
    auto value = schema::read_json(text);
    if (!value || !value->is_object()) return std::nullopt;
    return std::move(value->get_object());
}

std::optional<std::uint64_t> quota_of(const QuotaInfo& quota, const json::value& value) {
    if (const auto* text = value.if_string()) {
        if (*text == Quotas::unlimited_word) return Quotas::unlimited;
        return std::nullopt;
    }
    const auto* number = value.if_int64();
    if (number == nullptr || *number < 0) return std::nullopt;
    const auto whole = static_cast<std::uint64_t>(*number);
    return whole <= quota.max ? std::optional{whole} : std::nullopt;
}

}  // namespace

std::uint64_t Quotas::burst() const noexcept {
    return request_burst != unlimited ? request_burst : 2 * requests_per_second;
}

Result<std::uint64_t> parse_quota(const QuotaInfo& quota, std::string_view text) {
    if (text == Quotas::unlimited_word) return Quotas::unlimited;
    std::uint64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end || number > quota.max) {
        return fail(Errc::bad_value,
                    fmt::format("this is a whole number up to {}, or {}", quota.max,
                                Quotas::unlimited_word),
                    std::string{quota.name});
    }
    return number;
}

std::string quota_text(std::uint64_t value) {
    return value == Quotas::unlimited ? std::string{Quotas::unlimited_word} : fmt::to_string(value);
}

QuotaOverrides quota_overrides(std::string_view settings) {
    QuotaOverrides overrides{};
    if (settings.empty() || settings == "{}") return overrides;
    const auto object = parse_object(settings);
    if (!object) return overrides;
    const auto* quotas = object->if_contains(member_name);
    if (quotas == nullptr || !quotas->is_object()) return overrides;
    for (std::size_t i = 0; i < quota_infos.size(); ++i) {
        const auto* value = quotas->get_object().if_contains(quota_infos[i].name);
        if (value != nullptr) overrides[i] = quota_of(quota_infos[i], *value);
    }
    return overrides;
}

Quotas quotas_with(const Quotas& defaults, const QuotaOverrides& overrides) noexcept {
    auto quotas = defaults;
    for (std::size_t i = 0; i < quota_infos.size(); ++i) {
        if (overrides[i]) quotas.*quota_infos[i].member = *overrides[i];
    }
    return quotas;
}

Result<std::string> change_quotas(std::string_view settings, const QuotaChanges& changes) {
    auto object = parse_object(settings);
    if (!object) return fail(Errc::bad_json, "the tenant's settings are no JSON object");
    json::object quotas;
    if (const auto* before = object->if_contains(member_name);
        before != nullptr && before->is_object())
        quotas = before->get_object();
    for (std::size_t i = 0; i < quota_infos.size(); ++i) {
        if (!changes[i]) continue;
        const auto name = quota_infos[i].name;
        const auto& value = *changes[i];
        if (!value) {
            quotas.erase(name);
        } else if (*value == Quotas::unlimited) {
            quotas[name] = Quotas::unlimited_word;
        } else {
            quotas[name] = static_cast<std::int64_t>(*value);
        }
    }
    if (quotas.empty()) {
        object->erase(member_name);
    } else {
        (*object)[member_name] = std::move(quotas);
    }
    // Not json::serialize, which writes numbers beyond the largest double as what is no JSON.
    std::string changed;
    schema::append_json(changed, *object);
    return changed;
}

}  // namespace tenantry::services
