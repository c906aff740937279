#include "rest/media.hpp"

#include "base/text.hpp"

#include <array>

namespace tenantry::http::rest {
namespace {

struct Known {
    std::string_view name;
    Media::Form form;
};
constexpr std::array known{
    Known{"*/*", Media::Form::array},
    Known{"application/*", Media::Form::array},
    Known{"application/json", Media::Form::array},
    Known{"application/vnd.pgrst.array+json", Media::Form::array},
    Known{"application/vnd.pgrst.array", Media::Form::array},
    Known{"application/vnd.pgrst.object+json", Media::Form::object},
    Known{"application/vnd.pgrst.object", Media::Form::object},
    Known{"text/csv", Media::Form::csv},
};

std::optional<Media> parse_one(std::string_view text) {
    const auto semicolon = std::min(text.find(';'), text.size());
    const auto name = trim(text.substr(0, semicolon));
    for (const auto& each : known) {
        if (!equals_ignoring_case(each.name, name)) continue;
        const bool strips = text.find("nulls=stripped") != std::string_view::npos &&
                            each.name.find("vnd.pgrst") != std::string_view::npos;
        return Media{each.form, strips ? query::Nulls::left_out : query::Nulls::told};
    }
    return std::nullopt;
}

}  // namespace

std::string_view Media::content_type() const noexcept {
    const bool strips = nulls == query::Nulls::left_out;
    switch (form) {
    case Form::object:
        return strips ? "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8"
                      : "application/vnd.pgrst.object+json; charset=utf-8";
    case Form::csv: return "text/csv; charset=utf-8";
    case Form::array: break;
    }
    return strips ? "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8"
                  : "application/json; charset=utf-8";
}

std::optional<Media> Media::parse(std::string_view accept) {
    if (trim(accept).empty()) return Media{};
    while (!accept.empty()) {
        const auto comma = std::min(accept.find(','), accept.size());
        if (const auto media = parse_one(accept.substr(0, comma))) return media;
        accept.remove_prefix(std::min(comma + 1, accept.size()));
    }
    return std::nullopt;
}

}  // namespace tenantry::http::rest
