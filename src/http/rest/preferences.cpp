#include "rest/preferences.hpp"

#include "abridged.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tenantry::http::rest {
namespace {

class PreferenceReader {
public:
    Result<Preferences> run(std::string_view text) {
        while (!text.empty()) {
            const auto comma = std::min(text.find(','), text.size());
            take(trim(text.substr(0, comma)));
            text.remove_prefix(std::min(comma + 1, text.size()));
        }
        if (out_.strict && !unknown_.empty()) {
            return fail(Errc::bad_query,
                        fmt::format("Prefer has what is not known: {}", abridged(unknown_)),
                        "prefer");
        }
        if (!out_.strict) out_.max_affected.reset();
        return std::move(out_);
    }

private:
    void take(std::string_view preference) {
        if (preference.empty()) return;
        if (know(preference)) {
            if (!out_.applied.empty()) out_.applied += ", ";
            out_.applied += preference;
        } else if (unknown_.empty()) {
            unknown_ = preference;
        }
    }

    bool know(std::string_view preference) {
        using enum Preferences::Return;
        using enum Preferences::Resolution;
        const auto is = [&](std::string_view text) { return preference == text; };
        if (is("return=minimal")) return set(out_.returning, minimal);
        if (is("return=headers-only")) return set(out_.returning, headers_only);
        if (is("return=representation")) return set(out_.returning, representation);
        if (is("resolution=merge-duplicates")) return set(out_.resolution, merge_duplicates);
        if (is("resolution=ignore-duplicates")) return set(out_.resolution, ignore_duplicates);
        if (is("count=exact") || is("count=planned") || is("count=estimated"))
            return set(out_.count, true);
        if (is("missing=default")) return set(out_.missing_default, true);
        if (is("missing=null")) return set(out_.missing_default, false);
        if (is("handling=strict")) return set(out_.strict, true);
        if (is("handling=lenient")) return set(out_.strict, false);
        if (is("tx=commit")) return true;
        return preference.starts_with("max-affected=") && max_affected(preference.substr(13));
    }

    template <class T>
    static bool set(T& member, T value) {
        member = value;
        return true;
    }

    bool max_affected(std::string_view digits) {
        std::int64_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size() || value < 0) return false;
        out_.max_affected = value;
        return true;
    }

    Preferences out_;
    std::string_view unknown_;
};

}  // namespace

Result<Preferences> Preferences::parse(std::string_view text) {
    return PreferenceReader{}.run(text);
}

}  // namespace tenantry::http::rest
