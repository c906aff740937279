#include "message.hpp"

#include "feed/position.hpp"

#include <fmt/format.h>

namespace tenantry::webhooks {

std::string encode(const TenantId& tenant, const consumers::Message& message, Timestamp now) {
    std::string at;
    append_timestamp(at, message.changes.empty() ? now : message.changes.back()->committed_at);
    // A tenant's id needs no escapes.
    auto out =
        fmt::format(R"({{"type":"{}","timestamp":"{}","data":{{"tenant_id":"{}",)",
                    message.resync_required ? "resync_required" : "changes", at, tenant.text());
    if (!message.resync_required) {
        out += R"("changes":[)";
        for (const auto& change : message.changes) {
            if (out.back() != '[') out += ',';
            append_json(out, *change);
        }
        out += "],";
    }
    out += fmt::format(R"("next":"{}"}}}})", to_text(message.next));
    return out;
}

}  // namespace tenantry::webhooks
