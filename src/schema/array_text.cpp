#include "schema/array_text.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace tenantry::schema {
namespace {

Error broken(std::string_view why) {
    return fail(Errc::bad_value, std::string{"an array is written {a,\"b, c\"}; "}.append(why));
}

class ArrayParser {
public:
    explicit ArrayParser(std::string_view text) : rest_{trim(text)} {}

    Result<TextArray> run() {
        TextArray out;
        if (!skip('{')) return broken("this has no { in front");
        skip_spaces();
        if (skip('}')) return finish(std::move(out));
        do {
            skip_spaces();
            TENANTRY_TRY(element, sees('"') ? quoted() : plain());
            out.push_back(std::move(element));
            skip_spaces();
        } while (skip(','));
        if (!skip('}')) return broken("this has no } at its end");
        return finish(std::move(out));
    }

private:
    bool sees(char c) const { return rest_.starts_with(c); }
    bool skip(char c) {
        if (!sees(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_spaces() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size()));
    }

    Result<TextArray> finish(TextArray out) const {
        if (!rest_.empty()) return broken("this has something after its }");
        return out;
    }

    Result<std::string> quoted() {
        skip('"');
        std::string out;
        while (!skip('"')) {
            skip('\\');
            if (rest_.empty()) return broken("this has a quote that is not closed");
            out += rest_.front();
            rest_.remove_prefix(1);
        }
        return out;
    }

    Result<std::string> plain() {
        std::string out;
        while (!rest_.empty() && !sees(',') && !sees('}')) {
            if (sees('{') || sees('"')) return broken("this has a { or a quote within an element");
            const bool escaped = skip('\\');
            if (escaped && rest_.empty()) break;
            out += rest_.front();
            rest_.remove_prefix(1);
        }
        out.erase(out.find_last_not_of(" \t\n\r") + 1);
        if (out.empty()) return broken("an empty element is written \"\"");
        if (equals_ignoring_case(out, "null")) return broken("this has a NULL as an element");
        return out;
    }

    std::string_view rest_;
};

}  // namespace

Result<TextArray> parse_array(std::string_view text) { return ArrayParser{text}.run(); }

std::string array_text(const TextArray& array) {
    std::string out = "{";
    for (const auto& element : array) {
        if (out.size() > 1) out += ',';
        out += array_element(element);
    }
    return out += '}';
}

std::string array_element(std::string_view text) {
    const bool plain = !text.empty() &&
                       text.find_first_of("{},\"\\ \t\n\v\f\r") == std::string_view::npos &&
                       !equals_ignoring_case(text, "null");
    if (plain) return std::string{text};
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

}  // namespace tenantry::schema
