#pragma once
/// How the rows of a read are told: what of each row, under which names, and made into what. A read
/// says which rows and columns are fetched; a shape is applied to them when they are there.
/// Threads: values.

#include "query/algebra.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tenantry::query {

/// A type that values are told as instead of their own.
enum class Cast {
    text,
    int2,
    int4,
    int8,
    numeric,
    float4,
    float8,
    boolean,
    date,
    time,
    timestamp,
    timestamptz,
    uuid,
    json,
    jsonb,
};

struct Shape {
    /// A column, or a place within one.
    struct Part {
        std::size_t column;  // of the read's projection
        std::string name;
        std::optional<JsonPath> path{};
        std::optional<Cast> cast{};

        friend bool operator==(const Part&, const Part&) = default;
    };
    struct Nested;

    std::vector<Part> parts{};
    std::vector<Nested> nested;  // without {}: Nested isn't complete here

    bool operator==(const Shape&) const;
};

struct Shape::Nested {
    std::size_t embed;    // of the read
    bool spread = false;  // of one row: its parts stand among those of the enclosing row
    Shape shape;

    bool operator==(const Nested&) const;
};

/// What was asked for, and how to tell it.
struct ShapedRead {
    Read read;
    Shape shape;

    friend bool operator==(const ShapedRead&, const ShapedRead&) = default;
};

/// All that `read` selects, under the names that it has there.
Shape plain_shape(const Read& read);

}  // namespace tenantry::query
