#include "exposition.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace tenantry::server {
namespace {

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
}

/// Whole numbers without an exponent, however large.
std::string number_text(double value) {
    constexpr double exact_max = 9007199254740992.0;
    if (std::abs(value) <= exact_max && std::trunc(value) == value)
        return fmt::format("{}", static_cast<std::int64_t>(value));
    return fmt::format("{}", value);
}

}  // namespace

void Exposition::begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

void Exposition::sample(Labels labels, double value) { line("", labels, nullptr, value); }

void Exposition::distribution(Labels labels, const DistributionCounts& counts, double scale) {
    std::uint64_t upto = 0;
    for (std::size_t i = 0; i < counts.counts.size(); ++i) {
        upto += counts.counts[i];
        const bool last = i == counts.bounds.size();
        const auto bound =
            last ? std::string{"+Inf"} : number_text(static_cast<double>(counts.bounds[i]) / scale);
        const Label le{"le", bound};
        line("_bucket", labels, &le, static_cast<double>(upto));
    }
    line("_sum", labels, nullptr, static_cast<double>(counts.sum) / scale);
    line("_count", labels, nullptr, static_cast<double>(upto));
}

void Exposition::line(std::string_view suffix, Labels labels, const Label* last, double value) {
    text_ += name_;
    text_ += suffix;
    char separator = '{';
    const auto append = [&](const Label& label) {
        text_ += separator;
        text_ += label.first;
        text_ += "=\"";
        append_escaped(text_, label.second);
        text_ += '"';
        separator = ',';
    };
    for (const auto& label : labels) append(label);
    if (last != nullptr) append(*last);
    if (separator == ',') text_ += '}';
    text_ += ' ';
    text_ += number_text(value);
    text_ += '\n';
}

}  // namespace tenantry::server
