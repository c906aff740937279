#pragma once
/// The bodies of messages.

#include "base/id.hpp"
#include "consumers/durable_consumer.hpp"

#include <string>

namespace tenantry::webhooks {

/// `{"type":"changes","timestamp":"…","data":{"tenant_id":"…","changes":[…],"next":"…"}}`, the
/// changes as `/api/sync` gives them, the time that of the last one: so a message is the same each
/// time it is sent. Of one that tells of a gap the type is `resync_required`, and it has no
/// changes.
std::string encode(const TenantId& tenant, const consumers::Message& message, Timestamp now);

}  // namespace tenantry::webhooks
