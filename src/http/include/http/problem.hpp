#pragma once
/// Refusals as answers: `{"error": sentence, "code": stable word, "field": name}`, `field` only
/// where one input is to blame.

#include "base/error.hpp"
#include "http/response.hpp"

namespace tenantry::http {

Status status_of(Errc code) noexcept;

/// The answer to `error`, with the status of its code.
Response problem(const Error& error);
/// For what HTTP distinguishes more finely than the codes do.
Response problem(Status status, const Error& error);

/// `500`, code `internal_error`: says nothing about the fault but under which id it was logged.
Response internal_error(std::uint64_t request_id);

}  // namespace tenantry::http
