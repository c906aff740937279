// Any bytes as what a client says of quotas, and as the settings of a tenant that they are changed
// in. What is understood must be held afterwards, and everything else be as it was.

#include "services/tenant_quotas.hpp"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

namespace json = boost::json;
using namespace tenantry;

void require(bool holds) {
    if (!holds) std::abort();
}

void try_changes(std::string_view settings, std::string_view said) {
    const auto before = services::quota_overrides(settings);
    json::error_code error;
    const auto body = json::parse(said, error);
    if (error || !body.is_object()) return;
    const auto changes = services::parse_quota_changes(body.get_object());
    if (!changes) return;
    const auto changed = services::change_quotas(settings, *changes);
    if (!changed) return;
    const auto after = services::quota_overrides(*changed);
    for (std::size_t i = 0; i < after.size(); ++i)
        require(after[i] == ((*changes)[i] ? *(*changes)[i] : before[i]));
    require(services::change_quotas(*changed, *changes).value() == *changed);
    require(services::held_quotas(*changed, {}).size() == after.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto end = text.find('\n');
    if (end == std::string_view::npos) {
        try_changes("{}", text);
    } else {
        try_changes(text.substr(0, end), text.substr(end + 1));
    }
    return 0;
}
