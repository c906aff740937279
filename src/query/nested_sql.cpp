// An embedded read for all rows at once.
//
// A read within a read within a read is a chain of lateral joins:
//
//   SELECT r0.n, r1.n, r2.<columns>
//   FROM (<the outermost read>) r0
//   CROSS JOIN LATERAL (<its embed, joined to r0>) r1
//   CROSS JOIN LATERAL (<that one's embed, joined to r1>) r2
//   ORDER BY r0.n, r1.n, r2.n
//
// where n is the place of a row within its level. The outermost read is the same as the one that is
// answered, limit and all, and its order is total, so within one snapshot it yields the same rows.

#include "sql_printer.hpp"

#include <algorithm>
#include <span>

namespace tenantry::query {
namespace {

constexpr std::string_view place = "\"n$\"";

/// One level of the chain.
struct Level {
    const Read* read;
    const Embed* embed;  // nullptr: the outermost read
};

/// The columns by which an embed is joined: of the enclosing row, and its own.
struct Join {
    const Column* outer;
    const Column* inner;
};

Join join_of(const Embed& embed, const Relation& enclosing) {
    if (embed.direction == Embed::Direction::to_one)
        return {embed.key->column, &embed.read.relation->id()};
    return {&enclosing.id(), embed.key->column};
}

/// A name that comes twice out of a subquery can't be referred to.
std::vector<const Column*> once_each(const std::vector<const Column*>& columns) {
    std::vector<const Column*> out;
    for (const Column* column : columns) {
        if (std::ranges::find(out, column) == out.end()) out.push_back(column);
    }
    return out;
}

class ChainPrinter {
public:
    ChainPrinter(Statement& statement, const Dialect& dialect)
        : statement_{statement}, dialect_{dialect}, print_{statement, dialect} {}

    void print(std::span<const Level> levels) {
        const auto last = levels.size() - 1;
        print_.text("SELECT ");
        for (std::size_t i = 0; i < last; ++i) print_.text(fmt::format("r{}.{}, ", i, place));
        const char* separator = "";
        for (const Column* column : statement_.columns) {
            print_.text(separator);
            print_.text(fmt::format("r{}.{}", last, quoted(*column)));
            separator = ", ";
        }
        for (std::size_t i = 0; i < levels.size(); ++i) print_level(levels, i);
        for (std::size_t i = 0; i < levels.size(); ++i)
            print_.text(fmt::format("{}r{}.{}", i == 0 ? " ORDER BY " : ", ", i, place));
    }

private:
    void print_level(std::span<const Level> levels, std::size_t at) {
        const auto& [read, embed] = levels[at];
        print_.text(at == 0 ? " FROM (" : " CROSS JOIN LATERAL (");
        print_.text(fmt::format("SELECT q.*, row_number() OVER () AS {} FROM (SELECT ", place));
        if (at + 1 < levels.size()) {
            print_.column(*join_of(*levels[at + 1].embed, *read->relation).outer);
        } else {
            print_.selected(*read, once_each(statement_.columns));
        }
        print_.text(" FROM ");
        dialect_.append_source(statement_.text, *read->relation);
        print_.where(read->filter);
        if (embed == nullptr) {
            if (read->keyset) {
                print_.text(" AND ");
                print_.filter(*read->keyset);
            }
            print_.page(*read, *read->limit);
        } else {
            const auto join = join_of(*embed, *levels[at - 1].read->relation);
            print_.text(
                fmt::format(" AND {} = r{}.{}", quoted(*join.inner), at - 1, quoted(*join.outer)));
            print_.page(*read, embed->direction == Embed::Direction::to_one ? 1 : *read->limit);
        }
        print_.text(fmt::format(") AS q) AS r{}", at));
    }

    Statement& statement_;
    const Dialect& dialect_;
    Printer print_;
};

void add_embeds(std::vector<NestedStatement>& out, const std::vector<Level>& enclosing,
                const std::vector<std::size_t>& path, const Dialect& dialect) {
    const auto& embeds = enclosing.back().read->embeds;
    for (std::size_t i = 0; i < embeds.size(); ++i) {
        auto levels = enclosing;
        levels.push_back({&embeds[i].read, &embeds[i]});
        auto own_path = path;
        own_path.push_back(i);

        NestedStatement nested{.path = own_path,
                               .name = embeds[i].name,
                               .to_one = embeds[i].direction == Embed::Direction::to_one,
                               .statement = {}};
        nested.statement.columns = embeds[i].read.projection;
        if (embeds[i].read.only_count) nested.statement.columns = {&count_column};
        nested.statement.visible = nested.statement.columns.size();
        if (nested.statement.columns.empty())
            ensure_column(nested.statement, embeds[i].read.relation->key().data());
        ChainPrinter{nested.statement, dialect}.print(levels);
        out.push_back(std::move(nested));
        add_embeds(out, levels, own_path, dialect);
    }
}

}  // namespace

std::vector<NestedStatement> print_nested(const Read& read, const Dialect& dialect) {
    std::vector<NestedStatement> out;
    add_embeds(out, {{&read, nullptr}}, {}, dialect);
    return out;
}

}  // namespace tenantry::query
