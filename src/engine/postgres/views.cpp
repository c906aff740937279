#include "postgres/views.hpp"

#include "postgres/session.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::engine::postgres {
namespace {

// What each view reads, itself among it.
constexpr std::string_view sources_sql = R"sql(
WITH RECURSIVE sources (view, oid) AS (
  SELECT c.oid, c.oid FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
  WHERE s.nspname = 'public' AND c.relkind = 'v'
  UNION
  SELECT r.view, d.refobjid FROM sources r JOIN pg_rewrite w ON w.ev_class = r.oid
  JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
  WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
)
SELECT r.view::bigint, r.view::regclass::text, c.oid::regclass::text, c.relkind::text,
       s.nspname = 'public', {}
FROM sources r JOIN pg_class c ON c.oid = r.oid JOIN pg_namespace s ON s.oid = c.relnamespace
ORDER BY r.view, c.oid)sql";

struct Source {
    std::string view;
    std::string name;
    std::string kind;  // as in pg_class
    bool is_public;
    bool runs_as_caller;
};

void check(std::vector<Finding>& out, const Source& source, const std::vector<Finding>& audited) {
    const auto add = [&](std::string problem, std::string remedy) {
        out.push_back({std::move(problem), std::move(remedy), source.view});
    };
    if (!source.is_public) {
        add(fmt::format("{} reads {}, which is not in the schema public", source.view, source.name),
            "-- let it read tables of the schema public alone");
    } else if (source.kind == "v") {
        if (source.runs_as_caller) return;
        add(fmt::format("{} runs with its owner's rights", source.name),
            fmt::format("ALTER VIEW {} SET (security_invoker = true)", source.name));
    } else if (source.kind != "r" && source.kind != "p") {
        add(fmt::format("{} reads {}, which row-level security can't bound", source.view,
                        source.name),
            "-- let it read tables alone");
    } else if (std::ranges::find(audited, source.name, &Finding::table) != audited.end()) {
        add(fmt::format("{} reads {}, which doesn't keep tenants apart", source.view, source.name),
            fmt::format("-- first mend {}", source.name));
    }
}

}  // namespace

std::map<std::int64_t, std::vector<Finding>> lacks_of_views(pg::Client& client,
                                                            const std::vector<Finding>& audited) {
    const auto rows = client.run(fmt::format(sources_sql, runs_as_caller)).rows;
    std::map<std::int64_t, std::vector<Finding>> out;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        check(out[pg::integer_at(rows, row, 0)],
              {.view = pg::text_at(rows, row, 1),
               .name = pg::text_at(rows, row, 2),
               .kind = pg::text_at(rows, row, 3),
               .is_public = pg::boolean_at(rows, row, 4),
               .runs_as_caller = pg::boolean_at(rows, row, 5)},
              audited);
    }
    return out;
}

}  // namespace tenantry::engine::postgres
