/// Any bytes as what comes with accounts: the first says whether as the headers that tell where a
/// request is from, a user's data and changes of it (after a line break), or a file of issuers.

#include "account_text.hpp"
#include "auth/client_address.hpp"
#include "server/issuers_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace tenantry;

void require(bool truth) {
    if (!truth) std::abort();
}

void try_address(std::string_view text) {
    http::Request request;
    request.remote = "192.0.2.1";
    request.forwarded_for = text;
    require(http::client_address(request) == "192.0.2.1");
    request.from_loopback = true;
    const auto address = http::client_address(request);
    require(!address.empty() && address.size() < 64);
}

void try_metadata(std::string_view text) {
    const auto line = text.find('\n');
    const auto metadata = text.substr(0, line);
    const auto changes = line == std::string_view::npos ? "{}" : text.substr(line + 1);
    const auto merged = services::merge_metadata(metadata, changes);
    if (!merged) return require(!merged.error().message.empty());
    require(merged->size() <= services::metadata_bytes_max);
    // Once more, the same changes change nothing.
    require(services::merge_metadata(*merged, changes).value() == *merged);
}

void try_issuers(std::string_view text) {
    const auto issuers = server::parse_issuers(text, "/etc");
    if (!issuers) return require(!issuers.error().message.empty());
    for (const auto& each : *issuers) {
        require(!each.issuer.issuer.empty() && !each.issuer.algorithms.empty());
        require(each.jwks_url.empty() == each.jwks_file.has_value());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    if (bytes.empty()) return 0;
    const auto rest = bytes.substr(1);
    switch (bytes.front()) {
    case 'a': try_address(rest); break;
    case 'm': try_metadata(rest); break;
    default: try_issuers(rest); break;
    }
    return 0;
}
