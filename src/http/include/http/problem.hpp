#pragma once
/// Refusals as answers: `{"error": sentence, "code": stable word, "field": name}`, `field` only
/// where one input is to blame; or, for who asks for them, problem details (RFC 9457).

#include "base/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace tenantry::http {

Status status_of(Errc code) noexcept;

/// The answer to `error`, with the status of its code.
Response problem(const Error& error);
/// For what HTTP distinguishes more finely than the codes do.
Response problem(Status status, const Error& error);

/// `500`, code `internal_error`: says nothing about the fault; it was logged under the id that is
/// the answer's x-request-id.
Response internal_error();

/// Makes problem details of a refusal if the request prefers them: `{"type", "title", "status",
/// "detail", "code", "field", "instance"}`, the last two where there are any. Other answers stay.
void tell_as_preferred(const Request& request, Response& response);

}  // namespace tenantry::http
