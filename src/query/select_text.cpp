// Embeds are found along foreign keys: those that the enclosing relation holds lead to one row,
// those that point to it to many. A target names a relation, or the key itself (by column or
// constraint). Where a relation refers to itself, its name means the many and the key's column the
// one.

#include "select_text.hpp"

#include "base/limits.hpp"
#include "text_scanner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tenantry::query {
namespace {

using schema::ForeignKey;

/// One way from a relation to another.
struct Link {
    const ForeignKey* key;
    Embed::Direction direction;
    const Relation* target;
};

bool is_named(const ForeignKey& key, std::string_view name) {
    return key.name == name || key.column->name() == name;
}

/// The ways from `from` to `to`.
std::vector<Link> links_between(const Relation& from, const Relation& to) {
    std::vector<Link> links;
    for (const auto& key : from.foreign_keys()) {
        if (key.target == &to && &from != &to)
            links.push_back({&key, Embed::Direction::to_one, &to});
    }
    for (const auto& key : to.foreign_keys()) {
        if (key.target == &from) links.push_back({&key, Embed::Direction::to_many, &to});
    }
    return links;
}

/// The ways from `from` that `target` can mean.
std::vector<Link> find_links(const schema::Catalog& catalog, const Relation& from,
                             std::string_view target) {
    if (const auto* to = catalog.find(target)) {
        auto links = links_between(from, *to);
        if (!links.empty()) return links;
    }
    std::vector<Link> links;
    for (const auto& key : from.foreign_keys()) {
        if (is_named(key, target)) links.push_back({&key, Embed::Direction::to_one, key.target});
    }
    if (!links.empty()) return links;
    for (const auto& to : catalog.relations()) {
        for (const auto& link : links_between(from, *to)) {
            if (link.key->name == target) links.push_back(link);
        }
    }
    return links;
}

Error refuse(std::string message) { return fail(Errc::bad_query, std::move(message), "select"); }

Result<Link> choose_link(std::vector<Link> links, const Relation& from, std::string_view target,
                         std::string_view hint) {
    if (!hint.empty())
        std::erase_if(links, [&](const Link& link) { return !is_named(*link.key, hint); });
    if (links.size() == 1) return links.front();
    if (links.empty()) {
        return refuse(fmt::format("{} has no relation to {}{}{}", from.name(), excerpt(target),
                                  hint.empty() ? "" : " by ", excerpt(hint)));
    }
    std::vector<std::string_view> names;
    names.reserve(links.size());
    for (const auto& link : links) names.push_back(link.key->name);
    return refuse(fmt::format("{} is related to {} in several ways; write {}!KEY(…) with one of {}",
                              from.name(), excerpt(target), excerpt(target),
                              fmt::join(names, ", ")));
}

class SelectParser {
public:
    SelectParser(const schema::Catalog& catalog, std::string_view text)
        : catalog_{catalog}, in_{text} {}

    Result<void> run(Read& read) {
        TENANTRY_TRY_VOID(items(read, 1));
        if (!in_.done())
            return refuse(fmt::format("select has no ( for '{}'", excerpt(in_.rest())));
        return {};
    }

private:
    /// Up to the end or an unmatched `)`.
    Result<void> items(Read& read, std::size_t depth) {
        if (depth > limits::embed_depth_max) {
            return fail(
                Errc::too_deep,
                fmt::format("relations are embedded deeper than {}", limits::embed_depth_max),
                "select");
        }
        in_.skip_spaces();
        if (in_.done() || in_.sees(")")) return {};
        do {
            in_.skip_spaces();
            TENANTRY_TRY_VOID(item(read, depth));
            in_.skip_spaces();
        } while (in_.skip(","));
        if (!in_.done() && !in_.sees(")")) {
            return refuse(
                fmt::format("select: a comma is missing before '{}'", excerpt(in_.rest())));
        }
        return check_names(read);
    }

    Result<void> item(Read& read, std::size_t depth) {
        if (in_.skip("*")) {
            for (const auto& column : read.relation->columns()) add_column(read, column);
            return {};
        }
        if (in_.sees("..."))
            return refuse("select: rows can't be spread (...) into the enclosing ones; embed them");
        TENANTRY_TRY(first, name());
        if (in_.sees("::") || !in_.skip(":")) return target(read, first, nullptr, depth);
        in_.skip_spaces();
        TENANTRY_TRY(second, name());
        return target(read, second, &first, depth);
    }

    /// What follows `[alias:]target`.
    Result<void> target(Read& read, const Name& target, const Name* alias, std::size_t depth) {
        std::string hint;
        bool hinted = false;
        while (in_.skip("!")) {
            hinted = true;
            TENANTRY_TRY(word, name());
            if (word.is_word("left")) continue;
            if (word.is_word("inner"))
                return refuse("select: !inner is not supported; filter the enclosing rows");
            if (!hint.empty())
                return refuse(fmt::format("select: {} has two keys", excerpt(target.text)));
            hint = word.text;
        }
        in_.skip_spaces();
        if (in_.sees("(")) return embed(read, target, alias, hint, depth);
        if (hinted)
            return refuse(fmt::format("select: ( is missing after {}", excerpt(target.text)));
        return column(read, target, alias);
    }

    Result<void> column(Read& read, const Name& name, const Name* alias) {
        if (in_.sees("->"))
            return refuse("select: JSON paths are not supported; select the whole column");
        if (in_.sees("::")) return refuse("select: casts are not supported");
        if (in_.sees(".")) return refuse("select: aggregates are not supported");
        const auto* found = read.relation->find(name.text);
        if (found == nullptr || found->type() == schema::ColumnType::sealed) {
            if (name.is_word("count")) return refuse("select: aggregates are not supported");
            return fail(
                Errc::unknown_field,
                fmt::format("{} has no column {}", read.relation->name(), excerpt(name.text)),
                excerpt(name.text));
        }
        if (alias != nullptr)
            return refuse("select: columns can't be renamed; only embeds take an alias");
        add_column(read, *found);
        return {};
    }

    Result<void> embed(Read& read, const Name& target, const Name* alias, std::string_view hint,
                       std::size_t depth) {
        auto links = find_links(catalog_, *read.relation, target.text);
        if (links.empty() && target.is_word("count"))
            return refuse("select: aggregates are not supported");
        TENANTRY_TRY(link, choose_link(std::move(links), *read.relation, target.text, hint));
        if (++embeds_ > limits::embeds_max) {
            return refuse(
                fmt::format("select: more than {} relations are embedded", limits::embeds_max));
        }
        Embed out{alias != nullptr ? alias->text : target.text, link.key, link.direction,
                  Read{link.target}};
        in_.skip("(");
        TENANTRY_TRY_VOID(items(out.read, depth + 1));
        if (!in_.skip(")"))
            return refuse(fmt::format("select: the ( of {} is not closed", excerpt(target.text)));
        read.embeds.push_back(std::move(out));
        return {};
    }

    /// A column asked for again (`*,name`) is there already.
    static void add_column(Read& read, const Column& column) {
        if (std::ranges::find(read.projection, &column) == read.projection.end())
            read.projection.push_back(&column);
    }

    static Result<void> check_names(const Read& read) {
        for (auto at = read.embeds.begin(); at != read.embeds.end(); ++at) {
            const bool taken = std::any_of(read.embeds.begin(), at,
                                           [&](const Embed& e) { return e.name == at->name; }) ||
                               std::ranges::any_of(read.projection, [&](const Column* c) {
                                   return c->name() == at->name;
                               });
            if (taken) {
                return refuse(fmt::format(
                    "select: two things are called {}; give an alias, as in alias:{}(…)",
                    excerpt(at->name), excerpt(at->name)));
            }
        }
        return {};
    }

    Result<Name> name() {
        auto out = in_.name();
        if (!out) return refuse("select: " + out.error().message);
        return out;
    }

    const schema::Catalog& catalog_;
    TextScanner in_;
    std::size_t embeds_ = 0;
};

bool selects_all(const Read& read) {
    return std::ranges::equal(read.projection, read.relation->columns(), {}, {},
                              [](const Column& column) { return &column; });
}

void append_embed(std::string& out, const Embed& embed, const Relation& from) {
    const auto& to = *embed.read.relation;
    const bool itself = &from == &to && embed.direction == Embed::Direction::to_one;
    const auto& target = itself ? embed.key->column->name() : to.name();
    if (embed.name != target) {
        append_name(out, embed.name);
        out += ':';
    }
    append_name(out, target);
    if (!itself && links_between(from, to).size() > 1) {
        out += '!';
        append_name(out, embed.key->name);
    }
    out += '(';
    append_select(out, embed.read);
    out += ')';
}

}  // namespace

Result<void> parse_select(const schema::Catalog& catalog, std::string_view text, Read& read) {
    return SelectParser{catalog, text}.run(read);
}

void append_select(std::string& out, const Read& read) {
    const char* separator = "";
    if (selects_all(read)) {
        out += '*';
        separator = ",";
    } else {
        for (const auto* column : read.projection) {
            out += separator;
            append_name(out, column->name());
            separator = ",";
        }
    }
    for (const auto& embed : read.embeds) {
        out += separator;
        append_embed(out, embed, *read.relation);
        separator = ",";
    }
}

}  // namespace tenantry::query
