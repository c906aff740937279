#pragma once
/// Words as full-text search tells them apart (base/text_search.hpp). Threads: pure functions.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry {

/// In lower case, and its place in the text, counted from 1.
struct PlacedWord {
    std::string word;
    std::uint32_t place;
};
/// The words of `text`, in their order.
std::vector<PlacedWord> words_in(std::string_view text);

/// Whether `text` begins with a letter or a digit.
bool begins_with_letter(std::string_view text);

}  // namespace tenantry
