#include "check.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

namespace tenantry::bench {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t uuid_size = 36;

// A text to search for, and which of its characters is rare in a lead: memchr skips to that one
// many times faster than a search that stops at every quote, and the checks must cost little.
struct Needle {
    std::string_view text;
    std::size_t rare;
};

constexpr Needle marker{"tenant=", 6};
constexpr Needle created_at{"\"created_at\":\"", 8};
constexpr Needle status_member{"\"status\":\"", 5};
constexpr Needle lead_reference{"\"lead_id\":", 5};  // jsonb has a blank behind it

std::size_t find(std::string_view text, const Needle& needle, std::size_t from) noexcept {
    for (auto at = from + needle.rare; at < text.size(); ++at) {
        at = text.find(needle.text[needle.rare], at);
        if (at == npos) return npos;
        if (text.substr(at - needle.rare, needle.text.size()) == needle.text)
            return at - needle.rare;
    }
    return npos;
}

// Calls `visit` with the text behind each occurrence of `needle`; stops when it returns false.
template <class Visit>
bool each(std::string_view text, const Needle& needle, Visit visit) {
    for (auto at = find(text, needle, 0); at != npos; at = find(text, needle, at)) {
        at += needle.text.size();
        if (!visit(text.substr(at))) return false;
    }
    return true;
}

std::size_t find(std::string_view text, std::string_view needle) noexcept {
    const void* hit = memmem(text.data(), text.size(), needle.data(), needle.size());
    return hit == nullptr ? npos
                          : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

std::unexpected<std::string> wrong(std::string what) { return std::unexpected{std::move(what)}; }

bool has_member(std::string_view body, std::string_view name, std::string_view value, bool quoted) {
    std::string member;
    member.reserve(name.size() + value.size() + 6);
    member.append("\"").append(name).append(quoted ? "\":\"" : "\":").append(value);
    const auto at = find(body, member);
    if (at == npos) {
        return false;
    }
    const auto rest = body.substr(at + member.size());
    return quoted ? rest.starts_with('"') : rest.starts_with(',') || rest.starts_with('}');
}

std::string text_behind(std::string_view text) {
    return std::string{text.substr(0, std::min(text.find('"'), std::size_t{80}))};
}

// Every marker is the tenant's. Returns how many there are.
std::expected<std::int64_t, std::string> own_markers(std::string_view body,
                                                     std::string_view tenant) {
    std::int64_t seen = 0;
    std::string foreign;
    const bool own = each(body, marker, [&](std::string_view rest) {
        seen += 1;
        if (rest.starts_with(tenant) && rest.substr(tenant.size()).starts_with('"')) {
            return true;
        }
        foreign = text_behind(rest);
        return false;
    });
    if (!own) {
        return wrong("A ROW OF ANOTHER TENANT: asked as " + std::string{tenant} + ", got one of " +
                     foreign);
    }
    return seen;
}

// Returns how many there are.
std::expected<std::int64_t, std::string> check_markers(std::string_view body,
                                                       std::string_view tenant,
                                                       const Range& count) {
    auto seen = own_markers(body, tenant);
    if (seen && !count.contains(*seen)) {
        const auto most = count.max == count.min ? "" : ".." + std::to_string(count.max);
        return wrong(std::to_string(count.min) + most + " rows expected, " + std::to_string(*seen) +
                     " there");
    }
    return seen;
}

Checked check_markers(std::string_view body, std::string_view tenant, std::int64_t count) {
    const auto seen = check_markers(body, tenant, Range{.min = count, .max = count});
    return seen ? Checked{} : wrong(seen.error());
}

// RFC 3339 in UTC, with three fractional digits or, where they aren't zero, six.
std::string to_microseconds(std::string_view time) {
    std::string digits{time.substr(0, time.find_first_of("Z\""))};
    constexpr std::size_t length = std::string_view{"2026-01-05T00:16:17.000000"}.size();
    if (digits.size() < length) digits.append(length - digits.size(), '0');
    return digits;
}

Checked check_newest_first(std::string_view body) {
    std::string previous;
    const bool sorted = each(body, created_at, [&](std::string_view rest) {
        auto time = to_microseconds(rest);
        const bool ok = previous.empty() || time <= previous;
        previous = std::move(time);
        return ok;
    });
    return sorted ? Checked{} : wrong("not newest first");
}

std::optional<std::int64_t> number_at(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional{value} : std::nullopt;
}

std::optional<std::int64_t> total_of(std::string_view body) {
    constexpr std::string_view name = "\"total\":";
    const auto at = body.rfind(name);  // it stands behind the leads
    return at == npos ? std::nullopt : number_at(body.substr(at + name.size()));
}

// As many rows of the status as the limit and the total allow, the tenant's own and in order.
Checked check_page_rows(std::string_view body, const Range& total, const ExpectedPage& expected) {
    const auto rows = check_markers(
        body, expected.tenant,
        {.min = std::min(total.min, expected.limit), .max = std::min(total.max, expected.limit)});
    if (!rows) {
        return wrong(rows.error());
    }
    std::int64_t of_status = 0;
    const bool all = each(body, status_member, [&](std::string_view rest) {
        of_status += 1;
        return rest.starts_with(expected.status) &&
               rest.substr(expected.status.size()).starts_with('"');
    });
    if (!all || of_status != *rows) {
        return wrong("a row that is not " + std::string{expected.status});
    }
    return check_newest_first(body);
}

// The same where the total has been told.
Checked check_page_rows(std::string_view body, std::optional<std::int64_t> total,
                        const ExpectedPage& expected) {
    if (!total || !expected.total.contains(*total)) {
        return wrong("the total is " + (total ? std::to_string(*total) : "missing") +
                     " instead of " + std::to_string(expected.total.min) + ".." +
                     std::to_string(expected.total.max));
    }
    return check_page_rows(body, Range{.min = *total, .max = *total}, expected);
}

bool is_array(std::string_view body) { return body.starts_with('[') && body.ends_with(']'); }

// The number of the first member of this name.
std::optional<std::int64_t> number_of(std::string_view body, std::string_view name) {
    std::string member{"\""};
    member.append(name).append("\":");
    const auto at = find(body, member);
    return at == npos ? std::nullopt : number_at(body.substr(at + member.size()));
}

Checked check_number(std::string_view body, std::string_view name, const Range& expected) {
    const auto value = number_of(body, name);
    if (value && expected.contains(*value)) {
        return {};
    }
    return wrong(std::string{name} + " is " + (value ? std::to_string(*value) : "missing") +
                 " instead of " + std::to_string(expected.min) + ".." +
                 std::to_string(expected.max));
}

// The members of the object of this name, which holds no other object.
std::string_view flat_object(std::string_view body, std::string_view name) {
    std::string member{"\""};
    member.append(name).append("\":{");
    const auto at = find(body, member);
    if (at == npos) {
        return {};
    }
    const auto rest = body.substr(at + member.size());
    return rest.substr(0, rest.find('}'));
}

}  // namespace

std::string_view row_id(std::string_view body) noexcept {
    constexpr std::string_view name = "\"id\":\"";
    const auto at = find(body, name);
    if (at == npos || body.size() < at + name.size() + uuid_size + 1 ||
        body[at + name.size() + uuid_size] != '"') {
        return {};
    }
    return body.substr(at + name.size(), uuid_size);
}

Checked check_lead(std::string_view body, const ExpectedLead& expected) {
    if (!body.starts_with('{') || !body.ends_with('}')) {
        return wrong("no JSON object");
    }
    if (expected.id ? !has_member(body, "id", *expected.id, true) : row_id(body).empty()) {
        return wrong("not the id asked for: " + std::string{expected.id.value_or("any")});
    }
    if (!has_member(body, "email", expected.email, true)) {
        return wrong("not the email: " + std::string{expected.email});
    }
    if (expected.status && !has_member(body, "status", *expected.status, true)) {
        return wrong("not the status: " + std::string{*expected.status});
    }
    if (expected.score && !has_member(body, "score", *expected.score, false)) {
        return wrong("not the score: " + std::string{*expected.score});
    }
    return check_markers(body, expected.tenant, 1);
}

Checked check_page(std::string_view body, const ExpectedPage& expected) {
    if (!body.starts_with('{') || !body.ends_with('}')) {
        return wrong("no JSON object");
    }
    const auto total = total_of(body);
    if (const auto page = check_page_rows(body, total, expected); !page) {
        return page;
    }
    if (*total > expected.limit && body.rfind("\"next\":\"") == npos) {
        return wrong("no cursor though there is more");
    }
    return {};
}

Checked check_rows(std::string_view body, std::optional<std::int64_t> total,
                   const ExpectedPage& expected) {
    return is_array(body) ? check_page_rows(body, total, expected) : wrong("no JSON array");
}

Checked check_rows(std::string_view body, const ExpectedPage& expected) {
    return is_array(body) ? check_page_rows(body, expected.total, expected)
                          : wrong("no JSON array");
}

Checked check_only_lead(std::string_view body, const ExpectedLead& expected) {
    return is_array(body) ? check_lead(body.substr(1, body.size() - 2), expected)
                          : wrong("no JSON array");
}

Checked check_related(std::string_view body, const ExpectedLeads& expected) {
    if (!is_array(body)) {
        return wrong("no JSON array");
    }
    const auto related = expected.leads * expected.related_each;
    std::int64_t references = 0;
    each(body, lead_reference, [&](std::string_view) { return ++references > 0; });
    if (references != related) {
        return wrong(std::to_string(related) + " rows of leads expected, " +
                     std::to_string(references) + " there");
    }
    return check_markers(body, expected.tenant, expected.leads + related);
}

Checked check_approval(std::string_view body, const ExpectedApproval& expected) {
    if (!body.starts_with('{') || !body.ends_with('}')) {
        return wrong("no JSON object");
    }
    if (expected.id ? !has_member(body, "id", *expected.id, true) : row_id(body).empty()) {
        return wrong("not the id asked for: " + std::string{expected.id.value_or("any")});
    }
    if (!has_member(body, "lead_id", expected.lead_id, true)) {
        return wrong("not the lead: " + std::string{expected.lead_id});
    }
    const std::string_view status = expected.approved ? "approved" : "pending";
    if (!has_member(body, "status", status, true)) {
        return wrong("not the status: " + std::string{status});
    }
    if (has_member(body, "reviewed_by", "null", false) == expected.approved) {
        return wrong(expected.approved ? "approved by nobody" : "reviewed already");
    }
    return check_markers(body, expected.tenant, 1);
}

Checked check_event(std::string_view body, const ExpectedEvent& expected) {
    if (!body.starts_with('{') || !body.ends_with('}')) {
        return wrong("no JSON object");
    }
    if (row_id(body).empty()) {
        return wrong("no id");
    }
    if (!has_member(body, "lead_id", expected.lead_id, true)) {
        return wrong("not the lead: " + std::string{expected.lead_id});
    }
    if (!has_member(body, "type", expected.type, true)) {
        return wrong("not the type: " + std::string{expected.type});
    }
    return check_markers(body, expected.tenant, 1);
}

Checked check_dashboard(std::string_view body, const ExpectedDashboard& expected) {
    if (!body.starts_with('{') || !body.ends_with('}')) {
        return wrong("no JSON object");
    }
    const auto statuses = flat_object(body, "leadsByStatus");
    std::int64_t sum = 0;
    std::int64_t active = 0;
    for (std::size_t i = 0; i < status_count; ++i) {
        const auto status = static_cast<Status>(i);
        const auto name = text_of(status);
        if (const auto checked = check_number(statuses, name, expected.statuses.at(i)); !checked) {
            return checked;
        }
        const auto count = *number_of(statuses, name);
        sum += count;
        active += status == Status::converted || status == Status::closed ? 0 : count;
    }
    if (const auto checked = check_number(body, "totalLeads", expected.all); !checked) {
        return checked;
    }
    if (const auto checked = check_number(body, "pendingApprovals", expected.pending); !checked) {
        return checked;
    }
    if (sum != *number_of(body, "totalLeads") || active != number_of(body, "activeLeads")) {
        return wrong("the leads by status don't add up");
    }
    const auto own = own_markers(body, expected.tenant);
    return own ? Checked{} : wrong(own.error());
}

}  // namespace tenantry::bench
