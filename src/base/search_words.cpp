#include "search_words.hpp"

#include "base/text.hpp"

#include <utf8proc.h>

#include <utility>

namespace tenantry {
namespace {

bool belongs_to_words(utf8proc_int32_t point) {
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND: return true;
    default: return false;
    }
}

/// Bytes of the letter or digit that `text` begins with; 0 if it begins with something else.
std::size_t letter_size(std::string_view text) {
    if (text.empty()) return 0;
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
        const bool letter = (first >= '0' && first <= '9') || (first >= 'a' && first <= 'z') ||
                            (first >= 'A' && first <= 'Z');
        return letter ? 1 : 0;
    }
    utf8proc_int32_t point = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
    return size > 0 && belongs_to_words(point) ? static_cast<std::size_t>(size) : 0;
}

std::size_t word_size(std::string_view text) {
    std::size_t size = 0;
    while (const auto letter = letter_size(text.substr(size))) size += letter;
    return size;
}

bool begins_with_digit(std::string_view word) { return word[0] >= '0' && word[0] <= '9'; }

/// The words that hyphens join at the beginning of `text`: one at least.
std::vector<std::string_view> joined_words(std::string_view text) {
    std::vector<std::string_view> out{text.substr(0, word_size(text))};
    // A number stands for itself, and takes a hyphen before it for its sign.
    if (begins_with_digit(out[0])) return out;
    std::size_t at = out[0].size();
    while (text.substr(at).starts_with('-')) {
        const auto size = word_size(text.substr(at + 1));
        if (size == 0 || begins_with_digit(text.substr(at + 1))) break;
        out.push_back(text.substr(at + 1, size));
        at += 1 + size;
    }
    return out;
}

}  // namespace

bool begins_with_letter(std::string_view text) { return letter_size(text) > 0; }

std::vector<PlacedWord> words_in(std::string_view text) {
    std::vector<PlacedWord> out;
    std::uint32_t place = 0;
    const auto add = [&](std::string_view word) { out.push_back({to_lower(word), ++place}); };
    while (!text.empty()) {
        if (letter_size(text) == 0) {
            text.remove_prefix(1);
            continue;
        }
        const auto joined = joined_words(text);
        const auto size =
            static_cast<std::size_t>(joined.back().data() - text.data()) + joined.back().size();
        if (joined.size() > 1) add(text.substr(0, size));
        for (const auto word : joined) add(word);
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace tenantry
