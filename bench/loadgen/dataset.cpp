#include "dataset.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tenantry::bench {
namespace {

constexpr std::array<std::string_view, status_count> status_texts{"new", "contacted", "qualified",
                                                                  "converted", "closed"};

// Calls `take` with the `Fields` tab-separated fields of each line.
template <std::size_t Fields, class Take>
void read_lines(const std::filesystem::path& path, Take take) {
    std::ifstream file{path};
    if (!file) {
        throw std::runtime_error{"can't read " + path.string()};
    }
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        std::array<std::string_view, Fields> fields;
        std::string_view rest = line;
        for (auto& field : fields) {
            field = rest.substr(0, rest.find('\t'));
            rest.remove_prefix(std::min(field.size() + 1, rest.size()));
        }
        if (fields.back().empty() || !rest.empty() || !take(fields)) {
            throw std::runtime_error{path.string() + ":" + std::to_string(number) +
                                     ": not as expected"};
        }
    }
}

}  // namespace

std::string_view text_of(Status status) noexcept {
    return status_texts[static_cast<std::size_t>(status)];
}

std::vector<Tenant> read_dataset(const std::filesystem::path& folder) {
    std::vector<Tenant> tenants;
    read_lines<2>(folder / "tokens.tsv", [&](const auto& fields) {
        tenants.push_back(
            {.name = std::string{fields[0]}, .token = std::string{fields[1]}, .leads = {}});
        return true;
    });
    auto tenant = tenants.begin();
    read_lines<4>(folder / "leads.tsv", [&](const auto& fields) {
        while (tenant != tenants.end() && tenant->name != fields[0]) {
            ++tenant;
        }
        const auto* const text = std::ranges::find(status_texts, fields[2]);
        if (tenant == tenants.end() || text == status_texts.end()) {
            return false;
        }
        const auto status = static_cast<Status>(text - status_texts.begin());
        tenant->leads.push_back(
            {.id = std::string{fields[1]}, .email = std::string{fields[3]}, .status = status});
        tenant->total(status).known += 1;
        tenant->all.known += 1;
        return true;
    });
    if (tenants.empty() ||
        std::ranges::any_of(tenants, [](const Tenant& t) { return t.leads.empty(); })) {
        throw std::runtime_error{folder.string() + ": a tenant without leads"};
    }
    return tenants;
}

std::optional<TenantRange> parse_tenant_range(std::string_view text) noexcept {
    TenantRange range{};
    const auto* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, range.first);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') {
        return std::nullopt;
    }
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    if (last.ec != std::errc{} || last.ptr != end || range.first == 0 || range.first > range.last) {
        return std::nullopt;
    }
    return range;
}

std::vector<Tenant> select(std::vector<Tenant> tenants, const TenantRange& range) {
    if (range.last > tenants.size()) {
        throw std::runtime_error{"there are only " + std::to_string(tenants.size()) + " tenants"};
    }
    const auto at = [&](std::size_t place) {
        return std::make_move_iterator(tenants.begin() + static_cast<std::ptrdiff_t>(place));
    };
    return {at(range.first - 1), at(range.last)};
}

}  // namespace tenantry::bench
