#pragma once
/// Who else may sign tokens for this server: a JSON file of
///
///     {"issuers":[{"issuer":"https://…","audience":"…","algorithms":["ES256"],
///                  "tenant_claim":"app_metadata.tenant_id","jwks_url":"https://…"},…]}
///
/// with `jwks_file`, a path, in the place of `jwks_url` where the keys are at hand.

#include "auth/signing_keys.hpp"
#include "base/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::server {

struct ConfiguredIssuer {
    auth::ForeignIssuer issuer;  // without its keys
    std::string jwks_url{};      // one of the two
    std::optional<std::filesystem::path> jwks_file{};
};

/// Relative paths start from `folder`. Errors: bad_configuration, naming the issuer and member.
Result<std::vector<ConfiguredIssuer>> parse_issuers(std::string_view text,
                                                    const std::filesystem::path& folder);
/// Errors also: bad_configuration for a file that can't be read.
Result<std::vector<ConfiguredIssuer>> read_issuers_file(const std::filesystem::path& path);

}  // namespace tenantry::server
