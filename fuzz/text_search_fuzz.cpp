// A query of full-text search, up to the first NUL, and a text that is looked through; the first
// byte chooses the syntax. What is refused says why.

#include "base/text_search.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenantry;
    if (size == 0) return 0;
    const auto syntax = static_cast<SearchSyntax>(data[0] % 4);
    const std::string_view all{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto end = std::min(all.find('\0'), all.size());
    const auto text = all.substr(std::min(end + 1, all.size()));
    const auto search = TextSearch::parse(all.substr(0, end), syntax);
    if (search) {
        static_cast<void>(search->found_in(text));
    } else if (search.error().message.empty() || syntax != SearchSyntax::operators) {
        // Only that one has a grammar; all have a longest query.
        if (end <= TextSearch::query_bytes_max) std::abort();
    }
    return 0;
}
