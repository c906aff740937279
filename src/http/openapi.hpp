#pragma once
/// The API in a form for machines: OpenAPI 3.1, made of the table of routes, their operations and
/// the catalog. Threads: pure functions; values.

#include "operations.hpp"
#include "routes.hpp"
#include "schema/catalog.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace tenantry::http {

/// Who may ask.
enum class Caller { anyone, tenant, operators };

/// What the document needs to know of a route of whichever table.
struct ServedRoute {
    Method method;
    std::string_view pattern;
    std::span<const std::string_view> parameters{};
    bool body_optional = false;
    Caller caller = Caller::tenant;
    Role role = Role::viewer;
};

/// The routes of all tables.
std::vector<ServedRoute> served_routes();

/// What it takes to describe a route is there for each of them: it aborts where it isn't, which the
/// tests of this module would notice first.
boost::json::object make_openapi(std::span<const ServedRoute> routes,
                                 const schema::Catalog& catalog);

/// That of this server, or 304 if the request's If-None-Match names it.
Response published_document(const Request& request);

namespace openapi {

/// `icp_profiles` as `IcpProfile`: what its rows are called among the schemas.
std::string schema_name(std::string_view relation);
/// What a client may send for a column, or gets: nullable where the column is.
boost::json::object schema_of(const schema::Column& column);
/// That without null, for parameters.
boost::json::object plain_schema_of(const schema::Column& column);
/// The schema of that name among those that no relation gives, which must exist.
boost::json::object named_schema(std::string_view name);
std::span<const std::string_view> schema_names();

/// Describes the query parameter `name` of a route; `listed` is the relation of whose columns it
/// may be one, nullptr for none.
boost::json::object query_parameter(std::string_view name, const schema::Relation* listed);
/// Describes a request header that only some operations heed. It must exist.
boost::json::object header_parameter(std::string_view name);

/// The schemas of a relation that `takes` and `gives` mean.
boost::json::object row_schema(const schema::Relation& relation);
boost::json::object page_schema(const schema::Relation& relation, std::string_view member);
boost::json::object input_schema(const schema::Relation& relation, Takes::Kind kind);

}  // namespace openapi
}  // namespace tenantry::http
