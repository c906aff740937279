#pragma once
/// /openapi.json as tests read it: which operations there are, and values that fit their schemas.
/// What it can't make sense of is a std::runtime_error, so that nothing new goes by untested.

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::e2e {

struct ApiParameter {
    std::string in;  // `path`, `query`, `header`
    std::string name;
    boost::json::object schema;
};

struct ApiOperation {
    enum class Caller { anyone, tenant, others };

    std::string method;  // in capitals
    std::string path;    // with `{…}`
    std::string id;
    Caller caller = Caller::tenant;
    std::vector<ApiParameter> parameters{};
    std::string media{};         // of the body; empty: none
    boost::json::object body{};  // its schema
    std::string created{};       // schema of what a 201 holds, empty if there is none
    bool listed = false;         // a GET that has pages

    /// The path up to the first placeholder, without the slash before it.
    std::string collection() const;
};

class ApiDocument {
public:
    explicit ApiDocument(std::string_view text);

    const std::vector<ApiOperation>& operations() const noexcept { return operations_; }
    /// The name of what the collection at `path` holds, such as `Lead`.
    const std::string& held_at(const std::string& path) const;
    bool holds(const std::string& path) const { return held_.contains(path); }

    /// Gives the id of a row of the named schema, empty if there is none (yet).
    using Reference = std::function<std::string(const std::string& schema)>;
    /// A value of the schema that no other call gives, where the schema leaves room for that.
    boost::json::value value_of(const boost::json::object& schema, const Reference& reference,
                                int serial) const;
    /// An object of the schema: all of its properties, or only those that are required. Without
    /// `tenant_id`, which is never needed, and secrets, which not every server can keep.
    boost::json::object object_of(const boost::json::object& schema, bool all,
                                  const Reference& reference, int serial) const;
    /// Follows `$ref`.
    const boost::json::object& resolved(const boost::json::object& schema) const;

private:
    ApiOperation read(const std::string& path, const std::string& method,
                      const boost::json::object& text) const;

    boost::json::value document_;
    std::vector<ApiOperation> operations_;
    std::map<std::string, std::string> held_;
};

/// All strings in `value`, however deep.
void collect_strings(const boost::json::value& value, std::set<std::string>& into);

}  // namespace tenantry::e2e
