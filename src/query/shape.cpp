#include "query/shape.hpp"

namespace tenantry::query {

bool Shape::operator==(const Shape&) const = default;
bool Shape::Nested::operator==(const Nested&) const = default;

Shape plain_shape(const Read& read) {
    Shape out;
    for (std::size_t i = 0; i < read.projection.size(); ++i)
        out.parts.push_back({i, read.projection[i]->name()});
    if (read.only_count) out.parts.push_back({0, count_column.name()});
    for (std::size_t i = 0; i < read.embeds.size(); ++i)
        out.nested.push_back({i, false, plain_shape(read.embeds[i].read)});
    return out;
}

}  // namespace tenantry::query
