#pragma once
/// Links that let somebody in by the mailbox.

#include "engine/account_store.hpp"

#include <string>
#include <string_view>

namespace tenantry::server {

/// The configured page (site_url) with the token in its query, for the page to hand to
/// `verifyOtp({ token_hash, type })`; the token alone where no page is configured.
std::string link_of(const std::string& site_url, engine::MailPurpose purpose,
                    std::string_view token);

}  // namespace tenantry::server
