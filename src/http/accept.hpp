#pragma once
/// Which form of a refusal a client would rather have. Threads: a pure function.
///
/// Spec: RFC 9110 §12.5.1, "Accept"; RFC 9457 §3.

#include <string_view>

namespace tenantry::http {

/// Whether `accept`, the value of an Accept header, names `application/problem+json`, and plain
/// `application/json` no more strongly. Wildcards name nothing: who sends `*/*` gets what this
/// server answers anyway. What is malformed in a list is passed over.
bool prefers_problem_details(std::string_view accept) noexcept;

}  // namespace tenantry::http
