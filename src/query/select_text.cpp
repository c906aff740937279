// Embeds are found along foreign keys: those that the enclosing relation holds lead to one row,
// those that point to it to many. A target names a relation, or the key itself (by column or
// constraint). Where a relation refers to itself, its name means the many and the key's column the
// one. Where no key leads to a relation, a junction may: one whose own key holds a way to both.

#include "select_text.hpp"

#include "base/limits.hpp"
#include "query/cast.hpp"
#include "text_scanner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

namespace tenantry::query {
namespace {

using schema::ColumnType;
using schema::ForeignKey;

/// One way from a relation to another.
struct Link {
    const ForeignKey* key;
    Direction direction;
    const Relation* target;
};

bool is_named(const ForeignKey& key, std::string_view name) {
    return key.name == name || key.column->name() == name;
}

/// The ways from `from` to `to`.
std::vector<Link> links_between(const Relation& from, const Relation& to) {
    std::vector<Link> links;
    for (const auto& key : from.foreign_keys()) {
        if (key.target == &to && &from != &to) links.push_back({&key, Direction::to_one, &to});
    }
    for (const auto& key : to.foreign_keys()) {
        if (key.target == &from) links.push_back({&key, Direction::to_many, &to});
    }
    return links;
}

/// The ways from `from` that `target` can mean.
std::vector<Link> find_links(const schema::Catalog& catalog, const Relation& from,
                             std::string_view target) {
    // From what clients name nothing leads to what they don't.
    const auto is_hidden = [&](const Relation& to) { return to.internal() && !from.internal(); };
    if (const auto* to = catalog.find(target); to != nullptr && !is_hidden(*to)) {
        auto links = links_between(from, *to);
        if (!links.empty()) return links;
    }
    std::vector<Link> links;
    for (const auto& key : from.foreign_keys()) {
        if (is_named(key, target)) links.push_back({&key, Direction::to_one, key.target});
    }
    if (!links.empty()) return links;
    for (const auto& to : catalog.relations()) {
        if (is_hidden(*to)) continue;
        for (const auto& link : links_between(from, *to)) {
            if (link.key->name == target) links.push_back(link);
        }
    }
    return links;
}

/// A relation between two others.
struct Junction {
    const Relation* relation;
    const ForeignKey* near;
    const ForeignKey* far;
};

bool is_in_key(const Relation& relation, const Column* column) {
    return std::ranges::any_of(relation.key(), [&](const Column& part) { return &part == column; });
}

/// The junctions from `from` to `to`; `hint`, if there is one, names the one that is meant.
std::vector<Junction> find_junctions(const schema::Catalog& catalog, const Relation& from,
                                     const Relation& to, std::string_view hint) {
    std::vector<Junction> out;
    for (const auto& between : catalog.relations()) {
        if (between->internal() || (!hint.empty() && between->name() != hint)) continue;
        for (const auto& near : between->foreign_keys()) {
            if (near.target != &from || !is_in_key(*between, near.column)) continue;
            for (const auto& far : between->foreign_keys()) {
                if (&far != &near && far.target == &to && is_in_key(*between, far.column))
                    out.push_back({between.get(), &near, &far});
            }
        }
    }
    return out;
}

Error refuse(std::string message) { return fail(Errc::bad_query, std::move(message), "select"); }

Result<Link> choose_link(std::vector<Link> links, const Relation& from, std::string_view target,
                         std::string_view hint) {
    if (!hint.empty())
        std::erase_if(links, [&](const Link& link) { return !is_named(*link.key, hint); });
    if (links.size() == 1) return links.front();
    if (links.empty()) {
        return fail(Errc::unknown_relationship,
                    fmt::format("{} has no relation to {}{}{}", from.name(), excerpt(target),
                                hint.empty() ? "" : " by ", excerpt(hint)),
                    "select");
    }
    std::vector<std::string_view> names;
    names.reserve(links.size());
    for (const auto& link : links) names.push_back(link.key->name);
    return fail(Errc::ambiguous_relationship,
                fmt::format("{} is related to {} in several ways; write {}!KEY(…) with one of {}",
                            from.name(), excerpt(target), excerpt(target), fmt::join(names, ", ")),
                "select");
}

Error ambiguous_junction(const std::vector<Junction>& junctions, const Relation& from,
                         std::string_view target) {
    std::vector<std::string_view> names;
    names.reserve(junctions.size());
    for (const auto& junction : junctions) names.push_back(junction.relation->name());
    return fail(
        Errc::ambiguous_relationship,
        fmt::format("{} is related to {} through several; write {}!RELATION(…) with one of {}",
                    from.name(), excerpt(target), excerpt(target), fmt::join(names, ", ")),
        "select");
}

/// Where the items of one relation go.
struct Level {
    Read& read;
    Shape& shape;
    std::size_t depth;
};

/// `[alias:]name` and what was said with it.
struct Item {
    Name target;
    std::optional<Name> alias{};
    std::string hint{};
    bool hinted = false;
    bool required = false;
    bool spread = false;
};

class SelectParser {
public:
    SelectParser(const schema::Catalog& catalog, std::string_view text)
        : catalog_{catalog}, in_{text} {}

    Result<void> run(ShapedRead& out) {
        TENANTRY_TRY_VOID(items({out.read, out.shape, 1}));
        if (!in_.done())
            return refuse(fmt::format("select has no ( for '{}'", excerpt(in_.rest())));
        return {};
    }

private:
    /// Up to the end or an unmatched `)`.
    Result<void> items(Level level) {
        if (level.depth > limits::embed_depth_max) {
            return fail(
                Errc::too_deep,
                fmt::format("relations are embedded deeper than {}", limits::embed_depth_max),
                "select");
        }
        in_.skip_spaces();
        if (in_.done() || in_.sees(")")) return {};
        do {
            in_.skip_spaces();
            TENANTRY_TRY_VOID(item(level));
            in_.skip_spaces();
        } while (in_.skip(","));
        if (!in_.done() && !in_.sees(")")) {
            return refuse(
                fmt::format("select: a comma is missing before '{}'", excerpt(in_.rest())));
        }
        return level.read.only_count ? check_count(level) : check_names(level);
    }

    Result<void> item(Level level) {
        if (in_.skip("*")) {
            for (const auto* column : all_columns(*level.read.relation))
                add_part(level, *column, {.column = 0, .name = column->name()});
            return {};
        }
        Item item{.target = {}, .spread = in_.skip("...")};
        TENANTRY_TRY(first, name());
        item.target = first;
        if (!in_.sees("::") && in_.skip(":")) {
            in_.skip_spaces();
            TENANTRY_TRY(second, name());
            item.alias = std::exchange(item.target, second);
        }
        TENANTRY_TRY_VOID(hints(item));
        in_.skip_spaces();
        if (in_.sees("(")) return embed(level, item);
        if (item.hinted || item.spread)
            return refuse(fmt::format("select: ( is missing after {}", excerpt(item.target.text)));
        return column(level, item);
    }

    Result<void> hints(Item& item) {
        while (in_.skip("!")) {
            item.hinted = true;
            TENANTRY_TRY(word, name());
            if (word.is_word("left")) continue;
            if (word.is_word("inner")) {
                item.required = true;
                continue;
            }
            if (!item.hint.empty())
                return refuse(fmt::format("select: {} has two keys", excerpt(item.target.text)));
            item.hint = word.text;
        }
        return {};
    }

    Result<void> column(Level level, const Item& item) {
        const auto& name = item.target;
        const auto* found = level.read.relation->find(name.text);
        if (found == nullptr || found->type() == ColumnType::sealed) {
            if (name.is_word("count")) return count(level, item);
            return fail(
                Errc::unknown_field,
                fmt::format("{} has no column {}", level.read.relation->name(), excerpt(name.text)),
                excerpt(name.text));
        }
        auto path = in_.path();
        if (!path) return refuse("select: " + path.error().message);
        if (*path && found->type() != ColumnType::json)
            return refuse(fmt::format("select: {} is no JSON that has a path", found->name()));
        Shape::Part part{.column = 0, .name = name_of(item, *path), .path = std::move(*path)};
        TENANTRY_TRY(type, cast());
        if (type) TENANTRY_TRY_VOID(check_cast(*found, part.path, *type));
        part.cast = type;
        if (in_.skip(".")) return function();
        add_part(level, *found, std::move(part));
        return {};
    }

    Result<std::optional<Cast>> cast() {
        if (!in_.skip("::")) return std::optional<Cast>{};
        TENANTRY_TRY(type, name());
        // `double precision`
        while (true) {
            in_.skip_spaces();
            const auto word = in_.word();
            if (word.empty()) break;
            type.text += ' ';
            type.text += word;
        }
        const auto found = find_cast(type.text);
        if (!found) return fail(found.error().code, "select: " + found.error().message, "select");
        return std::optional{*found};
    }

    /// After `column.`: none can be asked for.
    Error function() {
        constexpr std::array aggregates{"avg", "count", "max", "min", "sum"};
        const auto word = in_.word();
        const bool is_aggregate = std::ranges::find(aggregates, word) != aggregates.end();
        if (is_aggregate && in_.sees("()")) return aggregate_refused();
        return refuse(fmt::format("select: {} is no function", excerpt(word)));
    }

    static Error aggregate_refused() {
        return fail(Errc::aggregate_refused, "Use of aggregate functions is not allowed", "select");
    }

    /// How many rows there are, instead of the rows.
    Result<void> count(Level level, const Item& item) {
        const auto& name = item.alias ? item.alias->text : count_column.name();
        TENANTRY_TRY(type, cast());
        if (type) TENANTRY_TRY_VOID(check_cast(count_column, {}, *type));
        level.read.only_count = true;
        level.shape.parts.push_back({.column = 0, .name = name, .cast = type});
        return {};
    }

    static Result<void> check_count(Level level) {
        const auto& [read, shape, depth] = level;
        if (shape.parts.size() == 1 && read.projection.empty() && read.embeds.empty()) return {};
        return refuse("select: beside count nothing else can be selected");
    }

    /// A place is called after the last name that leads to it.
    static std::string name_of(const Item& item, const std::optional<JsonPath>& path) {
        if (item.alias) return item.alias->text;
        if (path) {
            const auto is_name = [](const std::string& step) {
                return step.find_first_not_of("-0123456789") != std::string::npos;
            };
            const auto steps = path->steps | std::views::reverse;
            const auto last = std::ranges::find_if(steps, is_name);
            if (last != steps.end()) return *last;
        }
        return item.target.text;
    }

    Result<void> embed(Level level, const Item& item) {
        auto links = find_links(catalog_, *level.read.relation, item.target.text);
        if (links.empty() && item.target.is_word("count") && in_.sees("()"))
            return aggregate_refused();
        const auto is_hinted = [&](const Link& link) {
            return item.hint.empty() || is_named(*link.key, item.hint);
        };
        if (std::ranges::none_of(links, is_hinted)) {
            TENANTRY_TRY(junction, find_junction(*level.read.relation, item));
            if (junction) return embed_through(level, item, *junction);
        }
        TENANTRY_TRY(
            link, choose_link(std::move(links), *level.read.relation, item.target.text, item.hint));
        Embed out{.name = item.alias ? item.alias->text : item.target.text,
                  .key = link.key,
                  .direction = link.direction,
                  .read = Read{link.target},
                  .required = item.required};
        Shape::Nested nested{level.read.embeds.size(), item.spread, {}};
        TENANTRY_TRY_VOID(within(item, {out.read, nested.shape, level.depth + 1}));
        level.read.embeds.push_back(std::move(out));
        level.shape.nested.push_back(std::move(nested));
        return {};
    }

    /// What stands between an embed's parentheses.
    Result<void> within(const Item& item, Level level) {
        if (++embeds_ > limits::embeds_max) {
            return refuse(
                fmt::format("select: more than {} relations are embedded", limits::embeds_max));
        }
        in_.skip("(");
        TENANTRY_TRY_VOID(items(level));
        if (in_.skip(")")) return {};
        return refuse(fmt::format("select: the ( of {} is not closed", excerpt(item.target.text)));
    }

    Result<std::optional<Junction>> find_junction(const Relation& from, const Item& item) const {
        const auto* to = catalog_.find(item.target.text);
        if (to == nullptr || to->internal()) return std::optional<Junction>{};
        const auto found = find_junctions(catalog_, from, *to, item.hint);
        if (found.size() > 1) return ambiguous_junction(found, from, item.target.text);
        return found.empty() ? std::optional<Junction>{} : std::optional{found.front()};
    }

    /// Rows of the junction, each of which is told as what it leads to.
    Result<void> embed_through(Level level, const Item& item, const Junction& junction) {
        Embed out{.name = item.alias ? item.alias->text : item.target.text,
                  .key = junction.near,
                  .direction = Direction::to_many,
                  .read = Read{junction.relation},
                  .required = item.required,
                  .through = true};
        Embed far{.name = item.target.text,
                  .key = junction.far,
                  .direction = Direction::to_one,
                  .read = Read{junction.far->target},
                  .required = true};
        Shape::Nested nested{level.read.embeds.size(), item.spread, {}};
        Shape shape;
        TENANTRY_TRY_VOID(within(item, {far.read, shape, level.depth + 2}));
        if (far.read.only_count) {
            // There are as many of the one as of the other.
            out.read.only_count = true;
            nested.shape = std::move(shape);
        } else {
            out.read.embeds.push_back(std::move(far));
            nested.shape.nested.push_back({0, true, std::move(shape)});
        }
        level.read.embeds.push_back(std::move(out));
        level.shape.nested.push_back(std::move(nested));
        return {};
    }

    /// What is asked for again (`*,name`) is there already.
    static void add_part(Level level, const Column& column, Shape::Part part) {
        auto& projection = level.read.projection;
        auto at = std::ranges::find(projection, &column);
        if (at == projection.end()) at = projection.insert(at, &column);
        part.column = static_cast<std::size_t>(at - projection.begin());
        auto& parts = level.shape.parts;
        if (std::ranges::find(parts, part) == parts.end()) parts.push_back(std::move(part));
    }

    static Result<void> check_names(Level level) {
        // `*,assigned_agent(name)` means the rows of that name, not the key.
        std::erase_if(level.shape.parts, [&](const Shape::Part& part) {
            return part.name == level.read.projection[part.column]->name() &&
                   std::ranges::find(level.read.embeds, part.name, &Embed::name) !=
                       level.read.embeds.end();
        });
        std::vector<std::string_view> names;
        names.reserve(level.shape.parts.size() + level.shape.nested.size());
        for (const auto& part : level.shape.parts) names.push_back(part.name);
        for (const auto& nested : level.shape.nested) {
            add_names(names, level.read, nested);
        }
        std::ranges::sort(names);
        const auto twice = std::ranges::adjacent_find(names);
        if (twice == names.end()) return {};
        return refuse(fmt::format("select: two things are called {}; give an alias, as in alias:{}",
                                  excerpt(*twice), excerpt(*twice)));
    }

    /// What stands in a row of something embedded: that, or what is spread of it.
    static void add_names(std::vector<std::string_view>& names, const Read& read,
                          const Shape::Nested& nested) {
        const auto& embed = read.embeds[nested.embed];
        if (!nested.spread) return names.push_back(embed.name);
        for (const auto& part : nested.shape.parts) names.push_back(part.name);
        for (const auto& inner : nested.shape.nested) add_names(names, embed.read, inner);
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

bool selects_all(const Read& read) { return read.projection == all_columns(*read.relation); }

void append_embed(std::string& out, const Embed& embed, const Relation& from) {
    const bool skips = embed.through && !embed.read.embeds.empty();
    const auto& read = skips ? embed.read.embeds.front().read : embed.read;
    const auto& to = *read.relation;
    const bool itself = &from == &to && embed.direction == Direction::to_one;
    const auto& target = itself ? embed.key->column->name() : to.name();
    if (embed.name != target) {
        append_name(out, embed.name);
        out += ':';
    }
    append_name(out, target);
    if (skips) {
        out += '!';
        append_name(out, embed.read.relation->name());
    } else if (!itself && links_between(from, to).size() > 1) {
        out += '!';
        append_name(out, embed.key->name);
    }
    if (embed.required) out += "!inner";
    out += '(';
    append_select(out, read);
    out += ')';
}

}  // namespace

Result<void> parse_select(const schema::Catalog& catalog, std::string_view text, ShapedRead& out) {
    return SelectParser{catalog, text}.run(out);
}

void append_select(std::string& out, const Read& read) {
    const char* separator = "";
    if (read.only_count) {
        out += "count";
        return;
    }
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
