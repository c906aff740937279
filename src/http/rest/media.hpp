#pragma once
/// In which form rows are told: the `Accept` header as PostgREST reads it.

#include "base/error.hpp"
#include "query/render_shape.hpp"

#include <optional>
#include <string_view>

namespace tenantry::http::rest {

struct Media {
    enum class Form { array, object, csv };
    Form form = Form::array;
    query::Nulls nulls = query::Nulls::told;

    /// Of a body in that form.
    std::string_view content_type() const noexcept;

    /// The first that is understood; an absent header means JSON. nullopt: none is.
    static std::optional<Media> parse(std::string_view accept);
};

}  // namespace tenantry::http::rest
