// Functions that clients may call, read from PostgreSQL's own catalogs.
//
// A function runs as the server's role, so forced row-level security holds what it reads and writes
// to the tenant that the segment has entered. It could enter another one by itself: those are
// refused whose text shows that it could, and compile.cpp looks where each call has ended.

#include "postgres/external.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <variant>

namespace tenantry::engine::postgres {
namespace {

using schema::Column;
using schema::Function;
using Findings = std::vector<Finding>;

// The text is what its owner wrote, or the server's own printing of a body that it has parsed.
constexpr std::string_view functions_sql = R"sql(
SELECT p.oid::bigint, p.proname::text, p.oid::regprocedure::text, p.prokind = 'f', p.prosecdef,
       l.lanpltrusted, p.provolatile = 'v', p.proretset, t.typtype::text,
       format_type(t.oid, NULL), t.typrelid::bigint,
       coalesce((SELECT c.relname::text FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
                 WHERE c.oid = t.typrelid AND c.relkind IN ('r', 'p') AND s.nspname = 'public'), ''),
       p.prosqlbody IS NOT NULL OR EXISTS (SELECT FROM unnest(p.proconfig) AS c (entry)
                                           WHERE entry LIKE 'search\_path=%'),
       coalesce((SELECT string_agg(DISTINCT split_part(entry, '=', 1), ', ')
                 FROM unnest(p.proconfig) AS c (entry)
                 WHERE lower(split_part(entry, '=', 1)) IN ('role', 'session_authorization',
                       'row_security', 'statement_timeout') OR entry ILIKE 'app.%'), ''),
       has_function_privilege(p.oid, 'EXECUTE'), quote_ident(current_user),
       body ~* '\mset_config\M|\mset\s+(local|session)\M|\mset\s+"?[a-z_]+"?\s*\.|\mreset\s+(all|role|session|"?[a-z_]+"?\s*\.)',
       body ~* '\mexecute\M|\m(query|cursor|table|schema|database)_to_xml|\mts_(stat|rewrite)\M|\mdblink',
       body ~* '\m(create|into)\s+((local|global)\s+)?temp(orary)?\M|\mpg_temp\s*\.',
       body ~* '\mtenantry"?\s*\.', p.pronargs::bigint, p.pronargdefaults::bigint
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang JOIN pg_type t ON t.oid = p.prorettype
CROSS JOIN LATERAL (SELECT coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body) AS b
WHERE n.nspname = 'public' AND p.proname = ANY ($1::text[])
ORDER BY p.proname, p.oid)sql";

constexpr std::string_view parameters_sql = R"sql(
SELECT p.oid::bigint, coalesce(a.name, ''), coalesce(a.mode, 'i')::text, format_type(a.type, NULL),
       t.typtype = 'p'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL ROWS FROM (unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])),
                              unnest(p.proargnames), unnest(p.proargmodes))
                   WITH ORDINALITY AS a (type, name, mode, place)
JOIN pg_type t ON t.oid = a.type
WHERE n.nspname = 'public' AND p.proname = ANY ($1::text[]) AND a.type IS NOT NULL
ORDER BY p.oid, a.place)sql";

constexpr std::string_view members_sql = R"sql(
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum)sql";

/// What a function's text may show.
struct Warning {
    std::size_t column;  // of functions_sql
    const char* problem;
    const char* remedy;
};
constexpr std::array warnings{
    Warning{16, "{} changes settings; the tenant is one of them",
            "-- leave set_config, SET and RESET out of it"},
    Warning{17, "{} runs statements that are made of text, which could enter another tenant",
            "-- write the statements out, without EXECUTE and what is like it"},
    Warning{18, "{} makes temporary tables, which other tenants' requests could see",
            "-- use WITH, arrays or jsonb instead"},
    Warning{19, "{} names the server's own schema tenantry", "-- use the tables of public"},
};

/// The rows of one function's parameters.
struct Parameters {
    std::vector<Function::Parameter> taken{};
    std::vector<Column> given{};  // OUT, INOUT and TABLE
    bool is_polymorphic = false;
    bool is_unnamed = false;
    bool is_plain = true;

    /// One document, which is all that a call brings.
    bool is_document() const {
        if (taken.size() != 1 || !is_unnamed) return false;
        const auto& column = taken.front().column;
        return column.type() == schema::ColumnType::json || column.options().native_type == "json";
    }
};

class FunctionReader {
public:
    FunctionReader(pg::Client& client, const Findings& findings, const schema::Catalog& catalog,
                   const std::vector<std::string>& names)
        : client_{client},
          findings_{findings},
          catalog_{catalog},
          rows_{client.run(std::string{functions_sql}, named(names)).rows},
          parameters_{client.run(std::string{parameters_sql}, named(names)).rows} {}

    /// The functions of that name, or what any of them lacks.
    std::variant<std::vector<Function>, Findings> read(const std::string& name) const {
        std::vector<Function> found;
        Findings lacks;
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            if (pg::text_at(rows_, row, 1) != name) continue;
            auto read = read_at(row, name);
            if (auto* own = std::get_if<Findings>(&read)) {
                lacks.insert(lacks.end(), own->begin(), own->end());
            } else {
                found.push_back(std::get<Function>(std::move(read)));
            }
        }
        if (!lacks.empty()) return lacks;
        if (!found.empty()) return found;
        return Findings{{fmt::format("there is no function {} in the schema public", name),
                         "-- make it, or name it no more"}};
    }

private:
    std::variant<Function, Findings> read_at(std::size_t row, const std::string& name) const {
        auto parameters = parameters_of(row);
        auto lacks = check(row, parameters);
        if (!lacks.empty()) return lacks;
        auto function = function_at(row, std::move(parameters));
        const auto has_plain_name = [](const Column& column) { return is_plain(column.name()); };
        if (is_plain(name) && std::ranges::all_of(function.result->columns(), has_plain_name))
            return function;
        return Findings{{fmt::format("{} has a name that can't be served, or gives such columns",
                                     pg::text_at(rows_, row, 2)),
                         "-- rename what has quotes or backslashes in its name"}};
    }

    static pg::Arguments named(const std::vector<std::string>& names) {
        pg::Arguments out;
        out.add_text_array(names);
        return out;
    }

    Parameters parameters_of(std::size_t function) const {
        Parameters out;
        const auto inputs = pg::integer_at(rows_, function, 20);
        const auto optional = pg::integer_at(rows_, function, 21);
        for (std::size_t row = 0; row < parameters_.size(); ++row) {
            if (pg::integer_at(parameters_, row, 0) != pg::integer_at(rows_, function, 0)) continue;
            auto name = pg::text_at(parameters_, row, 1);
            const auto mode = pg::text_at(parameters_, row, 2);
            const auto type = pg::text_at(parameters_, row, 3);
            const bool is_input = mode == "i" || mode == "b" || mode == "v";
            out.is_polymorphic |= pg::boolean_at(parameters_, row, 4);
            out.is_unnamed |= is_input && name.empty();
            out.is_plain &= is_plain(name);
            if (mode == "o" || mode == "b" || mode == "t") {
                // As PostgreSQL names it.
                out.given.push_back(external_column(
                    name.empty() ? fmt::format("column{}", out.given.size() + 1) : name, type));
            }
            if (!is_input) continue;
            const auto place = static_cast<std::int64_t>(out.taken.size());
            out.taken.push_back({.column = external_column(std::move(name), type),
                                 .optional = place >= inputs - optional,
                                 .variadic = mode == "v"});
        }
        return out;
    }

    Findings check(std::size_t row, const Parameters& parameters) const {
        Findings out;
        std::ranges::copy_if(findings_, std::back_inserter(out),
                             [](const Finding& finding) { return finding.table.empty(); });
        const auto shown = pg::text_at(rows_, row, 2);  // with its schema
        const auto add = [&](const std::string& problem, std::string remedy) {
            out.push_back({shown + ' ' + problem, std::move(remedy)});
        };
        check_kind(row, parameters, add);
        if (pg::boolean_at(rows_, row, 4)) {
            add("runs as its owner, whom row-level security holds to no tenant",
                fmt::format("ALTER FUNCTION {} SECURITY INVOKER", shown));
        }
        if (!pg::boolean_at(rows_, row, 12)) {
            add("has no search_path of its own, and the server's has no tables",
                fmt::format("ALTER FUNCTION {} SET search_path = public, pg_temp", shown));
        }
        if (const auto settings = pg::text_at(rows_, row, 13); !settings.empty()) {
            add(fmt::format("sets {}", settings),
                fmt::format("ALTER FUNCTION {} RESET ALL", shown));
        }
        for (const auto& [column, problem, remedy] : warnings) {
            if (pg::boolean_at(rows_, row, column))
                out.push_back({fmt::format(fmt::runtime(problem), shown), remedy});
        }
        if (!pg::boolean_at(rows_, row, 14)) {
            const auto role = pg::text_at(rows_, row, 15);
            add(fmt::format("can't be called by the role {}", role),
                fmt::format("GRANT EXECUTE ON FUNCTION {} TO {}", shown, role));
        }
        return out;
    }

    template <class Add>
    void check_kind(std::size_t row, const Parameters& parameters, Add add) const {
        const auto type = pg::text_at(rows_, row, 9);
        const bool returns_known =
            pg::text_at(rows_, row, 8) != "p" || type == "void" || !parameters.given.empty();
        if (!pg::boolean_at(rows_, row, 3)) add("is no plain function", "-- make it a function");
        if (!pg::boolean_at(rows_, row, 5)) {
            add("is in a language that PostgreSQL doesn't hold to its rules",
                "-- write it in SQL or PL/pgSQL");
        }
        if ((parameters.is_unnamed && !parameters.is_document()) || !parameters.is_plain) {
            add("has parameters without names, or with such as can't be served",
                "-- give each a name; one alone that is json or jsonb needs none");
        }
        if (parameters.is_polymorphic || !returns_known) {
            add("takes or returns a type that isn't settled, such as record or anyelement",
                "-- name the types; RETURNS TABLE (…) names those of rows");
        }
    }

    Function function_at(std::size_t row, Parameters parameters) const {
        Function out{.name = pg::text_at(rows_, row, 1),
                     .parameters = std::move(parameters.taken),
                     .writes = pg::boolean_at(rows_, row, 6)};
        const bool many = pg::boolean_at(rows_, row, 7);
        const auto kind = pg::text_at(rows_, row, 8);
        const bool is_row = kind == "c" || !parameters.given.empty();
        if (is_row) {
            out.returns = many ? Function::Returns::rows : Function::Returns::row;
            out.result = rows_of(row, std::move(parameters.given));
        } else {
            std::vector<Column> columns;
            const auto type = pg::text_at(rows_, row, 9);
            out.returns = type == "void" ? Function::Returns::nothing
                          : many         ? Function::Returns::values
                                         : Function::Returns::value;
            if (type != "void") columns.push_back(external_column(out.name, type));
            out.result = own_result(out.name, std::move(columns));
        }
        return out;
    }

    static std::shared_ptr<const schema::Relation> own_result(const std::string& name,
                                                              std::vector<Column> columns) {
        return std::make_shared<const schema::Relation>(name, std::move(columns), 0,
                                                        schema::Relation::Kind::result);
    }

    /// A relation that is served, or what the row's type has.
    std::shared_ptr<const schema::Relation> rows_of(std::size_t row,
                                                    std::vector<Column> columns) const {
        const auto table = pg::text_at(rows_, row, 11);
        for (const auto& relation : catalog_.relations()) {
            if (relation->name() == table && !relation->internal()) return relation;
        }
        if (columns.empty()) {
            pg::Arguments type;
            type.add_integer(pg::integer_at(rows_, row, 10));
            const auto members = client_.run(std::string{members_sql}, type).rows;
            for (std::size_t i = 0; i < members.size(); ++i)
                columns.push_back(
                    external_column(pg::text_at(members, i, 0), pg::text_at(members, i, 1)));
        }
        return own_result(pg::text_at(rows_, row, 1), std::move(columns));
    }

    pg::Client& client_;
    const Findings& findings_;
    const schema::Catalog& catalog_;
    pg::Rows rows_;
    pg::Rows parameters_;
};

}  // namespace

void add_functions(pg::Client& client, const Findings& findings,
                   const std::vector<std::string>& names, schema::Catalog& catalog,
                   std::vector<Unfit>& unfit) {
    if (names.empty()) return;
    const FunctionReader reader{client, findings, catalog, names};
    for (const auto& name : names) {
        if (catalog.find_function(name) != nullptr) continue;
        auto read = reader.read(name);
        if (auto* lacks = std::get_if<Findings>(&read)) {
            unfit.push_back({name, std::move(*lacks)});
        } else {
            for (auto& function : std::get<std::vector<Function>>(read))
                catalog.add_function(std::move(function));
        }
    }
}

}  // namespace tenantry::engine::postgres
