// Any bytes as the query part of a URL; the first one chooses the relation. What is understood must
// have a text that is understood as the same, and be planned or refused.

#include "query/plan.hpp"
#include "query/request_text.hpp"
#include "schema/lead_schema.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenantry;
    if (size == 0) return 0;
    const auto& catalog = schema::lead_catalog();
    const auto& relation = *catalog.relations()[data[0] % catalog.relations().size()];
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};

    const auto parsed = query::parse_request(catalog, relation, text);
    if (!parsed) {
        if (parsed.error().message.empty()) std::abort();
        return 0;
    }
    const auto& read = parsed->read;
    const auto again = query::parse_request(catalog, relation, query::print_request(read));
    if (!again || !(again->read == read)) std::abort();
    const auto planned = query::plan(read);
    if (!planned && planned.error().message.empty()) std::abort();
    return 0;
}
