#pragma once
/// Refusals as PostgREST tells them: `{"code", "details", "hint", "message"}`, where clients switch
/// on the code, PostgreSQL's SQLSTATE or one of PostgREST's own (docs.postgrest.org, "Errors").

#include "http/request.hpp"
#include "http/response.hpp"

#include <string_view>

namespace tenantry::http::rest {

/// Whether a request's target, as sent, belongs to this face.
bool is_rest(std::string_view target) noexcept;

/// An answer of that form. `details` and `hint` may be empty: null.
Response refusal(Status status, std::string_view code, std::string_view message,
                 std::string_view details = {}, std::string_view hint = {});

/// Puts what was refused, by whatever part of the server, into that form.
void tell_as_postgrest(Response& response);

}  // namespace tenantry::http::rest
