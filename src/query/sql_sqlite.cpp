#include "sql_printer.hpp"

namespace tenantry::query {
namespace {

class SqliteDialect final : public Dialect {
    void append_source(std::string& out, const Relation& relation) const override {
        out += '"';
        out += relation.name();
        out += '"';
    }
    void append_target(std::string& out, const Relation& relation) const override {
        out += "main.\"t_";
        out += relation.name();
        out += '"';
    }
    void append_later(std::string& out, std::string_view time, const Relation&,
                      const Column& column) const override {
        fmt::format_to(std::back_inserter(out), "max({}, {} + 1)", time, quoted(column));
    }
    void append_placeholder(std::string& out, std::size_t index) const override {
        fmt::format_to(std::back_inserter(out), "?{}", index);
    }
    void append_contains(std::string& out, std::string_view column,
                         std::size_t index) const override {
        fmt::format_to(std::back_inserter(out), "contains_folded({}, ?{})", column, index);
    }
    void append_rows(std::string& out, const std::vector<const Column*>& columns,
                     std::size_t rows) const override {
        append_values(out, *this, columns.size(), rows);
    }
    // Left to itself, SQLite sorts null before everything, in either direction's own sense.
    void append_nulls(std::string& out, const OrderTerm& term) const override {
        if (term.nulls_first == term.descending)
            out += term.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
    void append_sum(std::string& out, std::string_view column) const override {
        fmt::format_to(std::back_inserter(out), "coalesce(sum({}), 0)", column);
    }
    // The engine itself looks at how many rows have changed.
    void insist_on_match(Statement&) const override {}
    bool embeds_run_for_each_row() const override { return true; }
};

}  // namespace

const Dialect& sqlite_dialect() {
    static const SqliteDialect dialect;
    return dialect;
}

}  // namespace tenantry::query
