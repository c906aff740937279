#include "conditions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::http {

using services::RowVersion;
using Expected = services::UnifiedDatabaseManager::Expected;
using Once = services::UnifiedDatabaseManager::Once;

Result<Expected> expected_version(const Request& request) {
    const std::string_view tag = request.if_match;
    if (tag.empty() || tag == "*") return Expected{};
    if (tag.find(',') != std::string_view::npos) {
        return fail(Errc::bad_request,
                    "If-Match takes one entity tag, that of the row as it was read", "if-match");
    }
    const bool quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
    const auto version = quoted ? RowVersion::parse(tag.substr(1, tag.size() - 2)) : std::nullopt;
    if (version) return version;
    return fail(Errc::precondition_failed,
                "If-Match names no state of this row; read it again and send its ETag", "if-match");
}

Result<Once> idempotency_key(const Request& request, std::span<const query::Assignment> fields) {
    if (request.idempotency_key.empty()) return Once{};
    const auto is_secret = [](const query::Assignment& field) {
        return field.column->type() == schema::ColumnType::sealed;
    };
    std::string body = request.body;
    if (std::ranges::any_of(fields, is_secret)) {
        body.clear();
        for (const auto& field : fields) {
            body += field.column->name() + '=';
            if (!is_secret(field)) body += schema::to_text(field.value);
            body += '\n';
        }
    }
    const auto asked = fmt::format("{} {}\n{}", name_of(request.method), request.target, body);
    TENANTRY_TRY(key, services::IdempotencyKey::parse(request.idempotency_key, asked));
    return Once{std::move(key)};
}

std::string entity_tag(const query::RowSet& rows, std::size_t row) {
    return fmt::format("\"{}\"", RowVersion::of(rows, row).text());
}

}  // namespace tenantry::http
