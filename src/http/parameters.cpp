#include "parameters.hpp"

#include "abridged.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenantry::http {
namespace {

std::optional<std::string> text_of(const Target& target, std::string_view name) {
    const auto* value = target.find(name);
    return value == nullptr ? std::nullopt : std::optional{*value};
}

Result<std::uint64_t> parse_offset(std::string_view text) {
    std::uint64_t offset = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, offset);
    if (error == std::errc::invalid_argument || stopped != end) {
        return fail(Errc::bad_value, "offset is not a whole number", "offset");
    }
    if (error != std::errc{} || offset > limits::offset_max) {
        return fail(Errc::out_of_range,
                    fmt::format("offset must be from 0 to {}; page with `after` instead",
                                limits::offset_max),
                    "offset");
    }
    return offset;
}

}  // namespace

Result<void> check_parameters(const Target& target, std::span<const std::string_view> known,
                              std::string_view repeated) {
    const auto& given = target.parameters;
    for (auto at = given.begin(); at != given.end(); ++at) {
        if (std::ranges::find(known, at->name) == known.end()) {
            return fail(Errc::bad_query,
                        known.empty()
                            ? "this path takes no query parameters"
                            : fmt::format("there is no such query parameter; known are {}",
                                          fmt::join(known, ", ")),
                        abridged(at->name));
        }
        if (at->name != repeated &&
            std::ranges::find(given.begin(), at, at->name, &Parameter::name) != at) {
            return fail(Errc::bad_query, fmt::format("{} is given twice", at->name), at->name);
        }
    }
    return {};
}

Result<services::PageRequest> parse_page(const Target& target) {
    services::PageRequest page;
    if (const auto* text = target.find("limit")) {
        TENANTRY_TRY(limit, services::PageSize::parse(*text));
        page.limit = limit;
    }
    if (const auto* text = target.find("offset")) {
        TENANTRY_TRY(offset, parse_offset(*text));
        page.offset = offset;
    }
    page.after = text_of(target, "after");
    if (page.after && target.find("offset") != nullptr) {
        return fail(Errc::bad_query, "offset and after exclude each other", "offset");
    }
    return page;
}

Result<services::LeadCriteria> parse_lead_criteria(const Target& target) {
    services::LeadCriteria criteria;
    criteria.status = text_of(target, "status");
    criteria.city = text_of(target, "city");
    criteria.source = text_of(target, "source");
    criteria.property_type = text_of(target, "property_type");
    criteria.search = text_of(target, "search");
    if (const auto* text = target.find("assigned_agent")) {
        auto agent = AgentId::parse(*text);
        if (!agent) return fail(Errc::bad_id, "assigned_agent is not a UUID", "assigned_agent");
        criteria.assigned_agent = *agent;
    }
    if (const auto* text = target.find("sort")) criteria.sort = *text;
    TENANTRY_TRY(page, parse_page(target));
    criteria.page = std::move(page);
    return criteria;
}

Result<services::ApprovalCriteria> parse_approval_criteria(const Target& target) {
    services::ApprovalCriteria criteria;
    criteria.status = text_of(target, "status");
    criteria.type = text_of(target, "type");
    if (const auto* text = target.find("lead_id")) {
        auto lead = LeadId::parse(*text);
        if (!lead) return fail(Errc::bad_id, "lead_id is not a UUID", "lead_id");
        criteria.lead = *lead;
    }
    if (const auto* text = target.find("sort")) criteria.sort = *text;
    TENANTRY_TRY(page, parse_page(target));
    criteria.page = std::move(page);
    return criteria;
}

Result<services::Timeframe> parse_timeframe(const Target& target) {
    const auto* text = target.find("timeframe");
    return text == nullptr ? services::Timeframe::week : services::parse_timeframe(*text);
}

}  // namespace tenantry::http
