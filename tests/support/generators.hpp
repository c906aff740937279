#pragma once
/// RapidCheck generators of requests over a catalog. All that they make, `plan` accepts.

#include "query/algebra.hpp"
#include "support/print.hpp"

#include <rapidcheck.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tenantry::support {

struct GeneratorOptions {
    const schema::Catalog* catalog;

    /// Values that a column's filters compare with and that are written into it, three times out of
    /// four. Fill it from the rows of a test's database, and filters hit rows and keys clash.
    /// Columns without a pool get made-up values. Values must fit their columns.
    std::map<const schema::Column*, std::vector<schema::Value>> pool{};

    /// Tenants that a quarter of the writes name themselves; empty: none does. With another tenant
    /// than the scope's among them, scope_plan refuses some writes.
    std::vector<std::string> named_tenants{};

    std::size_t filter_depth_max = 3;
    std::size_t group_terms_max = 3;
    std::size_t embed_depth_max = 2;  // below the outermost read
    std::size_t rows_max = 3;         // of one insert

    /// Whether reads also ask for a count, for what follows, and to start after a row.
    bool paging = false;
};

/// Threads: one.
class RequestGenerator {
public:
    explicit RequestGenerator(GeneratorOptions options)
        : options_{std::make_shared<const GeneratorOptions>(std::move(options))} {}

    rc::Gen<query::Read> read() const;
    rc::Gen<query::Read> read(const schema::Relation& relation) const;
    rc::Gen<query::Insert> insert() const;
    rc::Gen<query::Update> update() const;
    rc::Gen<query::Delete> remove() const;
    /// Each kind as often as another.
    rc::Gen<query::Request> request() const;

private:
    std::shared_ptr<const GeneratorOptions> options_;
};

/// Text made to be misread: quotes, commas, parentheses, backslashes, wildcards, signs of URLs,
/// words of the grammar, letters of several scripts; never NUL, always UTF-8, often empty.
rc::Gen<std::string> nasty_text();

/// A value that fits the column, never null.
rc::Gen<schema::Value> value_for(const schema::Column& column);

}  // namespace tenantry::support
