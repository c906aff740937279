// Everything is drawn by functions that run within rc::gen::exec, which lets one choice depend on
// another and still shrinks.

#include "support/generators.hpp"

#include "base/limits.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace tenantry::support {
namespace {

using query::Column;
using query::Embed;
using query::Filter;
using query::Group;
using query::Operator;
using query::Predicate;
using query::Read;
using query::Relation;
using schema::ColumnType;
using schema::Value;

bool is_comparable(const Column& column) {
    return column.type() != ColumnType::json && column.type() != ColumnType::text_array &&
           column.type() != ColumnType::sealed;
}

/// True once in `n`.
bool once_in(int n) { return *rc::gen::inRange(0, n) == 0; }

std::size_t draw_up_to(std::size_t max) { return *rc::gen::inRange<std::size_t>(0, max + 1); }

template <class T>
T draw_of(const std::vector<T>& choices) {
    return *rc::gen::elementOf(choices);
}

Decimal draw_decimal(const Column& column) {
    if (const auto& range = column.options().range)
        return {*rc::gen::inRange(range->least, range->most + 1), column.options().scale};
    std::int64_t limit = 1;
    for (int i = 0; i < column.options().precision; ++i) limit *= 10;
    return {*rc::gen::inRange<std::int64_t>(-limit + 1, limit), column.options().scale};
}

Timestamp draw_timestamp() {
    // From 0001 to 9999, or close to a round time.
    const auto seconds = once_in(2)
                             ? *rc::gen::inRange<std::int64_t>(-62'135'596'800, 253'402'300'799)
                             : *rc::gen::inRange<std::int64_t>(1'767'225'600, 1'767'225'610);
    const auto micros = once_in(2) ? *rc::gen::inRange<std::int64_t>(0, 1'000'000) : 0;
    return Timestamp{std::chrono::microseconds{seconds * 1'000'000 + micros}};
}

Uuid draw_uuid() {
    Uuid out{};
    const bool few = once_in(2);
    for (auto& byte : out.data) byte = few ? 0 : *rc::gen::arbitrary<std::uint8_t>();
    if (few) out.data[15] = *rc::gen::inRange<std::uint8_t>(0, 8);
    return out;
}

std::string draw_text(const Column& column) {
    const auto& options = column.options();
    if (!options.allowed.empty()) return draw_of(options.allowed);
    if (options.format == schema::Format::email)
        return fmt::format("user{}@example.com", *rc::gen::inRange(0, 8));
    auto text = *nasty_text();
    return column.nullable() || !trim(text).empty() ? text : "x" + text;
}

std::int64_t draw_integer(const Column& column) {
    const auto& range = column.options().range;
    return range ? *rc::gen::inRange(range->least, range->most + 1)
                 : *rc::gen::arbitrary<std::int64_t>();
}

Value draw_made_up(const Column& column) {
    switch (column.type()) {
    case ColumnType::text: return draw_text(column);
    case ColumnType::uuid: return draw_uuid();
    case ColumnType::integer: return draw_integer(column);
    case ColumnType::numeric: return draw_decimal(column);
    case ColumnType::boolean: return *rc::gen::arbitrary<bool>();
    case ColumnType::timestamptz: return draw_timestamp();
    case ColumnType::json:
        return schema::Json{
            draw_of<std::string>({"{}", R"({"a":[1,2.5,null]})", R"({"\"":"é"})", "[]", "true"})};
    case ColumnType::text_array:
        if (const auto& words = column.options().allowed; !words.empty())
            return schema::TextArray{draw_of(words)};
        return *rc::gen::resize(3, rc::gen::container<schema::TextArray>(nasty_text()));
    case ColumnType::sealed:
        return schema::Sealed{draw_of<std::string>({"c2VhbGVk", "YW5vdGhlcg"})};
    case ColumnType::native: break;  // of external relations, which aren't drawn
    }
    std::abort();
}

/// Text that is compared need not be text that could be stored.
Value draw_compared(const Column& column, Operator op) {
    if (column.type() != ColumnType::text) return draw_made_up(column);
    const bool among_words = op == Operator::eq || op == Operator::neq || op == Operator::in;
    if (!column.options().allowed.empty() && among_words) return draw_made_up(column);
    auto text = *nasty_text();
    return op != Operator::contains && column.options().format == schema::Format::email
               ? to_lower_ascii(text)
               : text;
}

class Drawer {
public:
    explicit Drawer(const GeneratorOptions& options) : options_{options} {}

    const Relation& relation(bool changeable) const {
        std::vector<const Relation*> choices;
        for (const auto& each : options_.catalog->relations()) {
            if (!changeable || !each->append_only()) choices.push_back(each.get());
        }
        return *draw_of(choices);
    }

    Read read(const Relation& relation, std::size_t depth = 0) const {
        Read out{&relation, columns(relation)};
        if (depth < options_.embed_depth_max) out.embeds = embeds(out, depth);
        if (!once_in(3)) out.filter = filter(relation, draw_up_to(options_.filter_depth_max));
        out.order = order(out);
        if (!once_in(3))
            out.limit =
                *rc::gen::inRange<std::uint32_t>(0, once_in(4) ? limits::page_rows_max + 1 : 10);
        if (once_in(3))
            out.offset =
                *rc::gen::inRange<std::uint64_t>(0, once_in(4) ? limits::offset_max + 1 : 5);
        if (depth == 0 && options_.paging) page(out);
        return out;
    }

    std::optional<Filter> maybe_filter(const Relation& relation) const {
        if (once_in(4)) return std::nullopt;
        return filter(relation, draw_up_to(options_.filter_depth_max));
    }

    query::Insert insert() const {
        const auto& relation = this->relation(false);
        query::Insert out{&relation};
        out.columns = written_columns(relation);
        const auto rows = 1 + draw_up_to(options_.rows_max - 1);
        for (std::size_t i = 0; i < rows; ++i) {
            auto& row = out.rows.emplace_back();
            for (const auto* column : out.columns) row.push_back(written(relation, *column));
        }
        out.on_conflict = draw_of<query::OnConflict>(
            {query::OnConflict::refuse, query::OnConflict::skip, query::OnConflict::merge});
        if (relation.append_only() && out.on_conflict == query::OnConflict::merge) {
            out.on_conflict = query::OnConflict::refuse;
        }
        if (out.on_conflict != query::OnConflict::refuse && !relation.unique_keys().empty() &&
            once_in(2)) {
            out.conflict_key = &relation.unique_keys().front();
        }
        out.returning = columns(relation);
        return out;
    }

    query::Update update() const {
        const auto& relation = this->relation(true);
        query::Update out{&relation};
        for (const auto& column : relation.columns()) {
            const bool is_tenant = &column == &relation.tenant_id();
            const bool chosen = is_tenant ? names_tenant() : is_clients(column) && once_in(4);
            if (chosen) out.assignments.push_back({&column, written(relation, column)});
        }
        out.filter = maybe_filter(relation);
        out.returning = columns(relation);
        return out;
    }

    query::Delete remove() const {
        const auto& relation = this->relation(true);
        return {&relation, maybe_filter(relation), columns(relation)};
    }

private:
    static bool is_clients(const Column& column) {
        return column.options().origin != schema::Origin::server;
    }

    bool names_tenant() const { return !options_.named_tenants.empty() && once_in(4); }

    std::optional<Value> pooled(const Column& column) const {
        const auto found = options_.pool.find(&column);
        if (found == options_.pool.end() || found->second.empty() || once_in(4))
            return std::nullopt;
        auto value = draw_of(found->second);
        if (schema::is_null(value)) return std::nullopt;
        return value;
    }

    Value operand(const Column& column, Operator op) const {
        auto value = pooled(column);
        if (!value) return draw_compared(column, op);
        auto* text = std::get_if<schema::Text>(&*value);
        if (op == Operator::contains && text != nullptr && once_in(2)) {
            // A part of it, cut between bytes of ASCII only.
            const auto from = draw_up_to(text->size());
            auto part = text->substr(from, draw_up_to(3));
            if (is_clean_utf8(part)) return part;
        }
        return *value;
    }

    Value written(const Relation& relation, const Column& column) const {
        if (&column == &relation.tenant_id()) return schema::Text{draw_of(options_.named_tenants)};
        if (column.nullable() && once_in(4)) return schema::Null{};
        auto value = pooled(column);
        return value ? *value : draw_made_up(column);
    }

    /// All that must be given, and some of what may be.
    std::vector<const Column*> written_columns(const Relation& relation) const {
        std::vector<const Column*> out;
        for (const auto& column : relation.columns()) {
            // What a plan doesn't make itself.
            const bool required = !column.nullable() && &column != &relation.id() &&
                                  !column.options().default_value &&
                                  column.type() != ColumnType::timestamptz;
            const bool optional =
                (is_clients(column) && once_in(2)) || (&column == &relation.id() && once_in(2));
            const bool chosen =
                &column == &relation.tenant_id() ? names_tenant() : required || optional;
            if (chosen) out.push_back(&column);
        }
        return out;
    }

    /// Any columns in any order, each once; perhaps none, often all.
    static std::vector<const Column*> columns(const Relation& relation) {
        auto all = query::all_columns(relation);
        if (once_in(3)) return all;
        std::vector<const Column*> out;
        const auto count = draw_up_to(5);
        for (std::size_t i = 0; i < count; ++i) {
            const auto* column = draw_of(all);
            if (std::ranges::find(out, column) == out.end()) out.push_back(column);
        }
        return out;
    }

    Predicate predicate(const Relation& relation) const {
        std::vector<const Column*> all = query::all_columns(relation);
        Predicate out{draw_of(all), Operator::is_null};
        out.negated = once_in(3);
        if (out.column->type() == ColumnType::json) return with_json(std::move(out));
        if (out.column->type() == ColumnType::text_array) return with_array(std::move(out));
        if (out.column->type() == ColumnType::text && once_in(3))
            return once_in(4) ? with_search(std::move(out)) : with_pattern(std::move(out));
        std::vector<Operator> choices{Operator::is_null};
        if (is_comparable(*out.column)) {
            choices = {Operator::eq,  Operator::neq,     Operator::lt,
                       Operator::lte, Operator::gt,      Operator::gte,
                       Operator::in,  Operator::is_null, Operator::distinct};
        }
        if (out.column->type() == ColumnType::text) choices.push_back(Operator::contains);
        out.op = draw_of(choices);
        if (out.op == Operator::is_null) return out;
        const auto count = out.op == Operator::in ? draw_up_to(4) : 1;
        for (std::size_t i = 0; i < count; ++i)
            out.operands.push_back(operand(*out.column, out.op));
        return out;
    }

    static Predicate with_pattern(Predicate out) {
        out.op =
            draw_of<Operator>({Operator::like, Operator::ilike, Operator::match, Operator::imatch});
        const bool is_regex = out.op == Operator::match || out.op == Operator::imatch;
        // An ilike between percent signs is what `contains` says.
        out.operands.push_back(schema::Text{
            is_regex ? draw_of<std::string>({"a", "^u", "[0-9]+@", "e|é", "x$", "\\w{2}"})
                     : draw_of<std::string>({"%a", "a%", "_%", "%_e%", "", "%", "\\%%", "u%@%"})});
        return out;
    }

    /// By a word that no text has: engines needn't agree on what is a word.
    static Predicate with_search(Predicate out) {
        constexpr std::pair<SearchSyntax, std::string_view> queries[] = {
            {SearchSyntax::operators, "!zebra"},
            {SearchSyntax::operators, "zebra:* <-> !yak"},
            {SearchSyntax::plain, "zebra yak"},
            {SearchSyntax::phrase, ""},
            {SearchSyntax::web, "yak or -zebra"}};
        const auto& [syntax, query] = queries[draw_up_to(std::size(queries) - 1)];
        out.op = Operator::search;
        out.search = query::Search{syntax, draw_of<std::string_view>({"", "simple"})};
        out.operands.emplace_back(schema::Text{query});
        return out;
    }

    Predicate with_array(Predicate out) const {
        out.op = draw_of<Operator>({Operator::is_null, Operator::eq, Operator::distinct,
                                    Operator::has_all, Operator::within, Operator::overlaps});
        if (out.op == Operator::is_null) return out;
        const auto stored = pooled(*out.column);
        out.operands.push_back(stored ? *stored : draw_made_up(*out.column));
        return out;
    }

    static Predicate with_json(Predicate out) {
        if (once_in(3)) return out;
        const auto document = [] {
            return schema::Json{
                draw_of<std::string>({"{}", R"({"a":[1]})", "[]", "1", "2.5", "true", "null"})};
        };
        if (once_in(3)) {
            out.op = draw_of<Operator>({Operator::has_all, Operator::within});
            out.operands.push_back(document());
            return out;
        }
        out.path = path();
        out.op = draw_of<Operator>({Operator::eq, Operator::neq, Operator::distinct, Operator::lt,
                                    Operator::gte, Operator::in, Operator::is_null});
        if (out.op == Operator::is_null) return out;
        const auto count = out.op == Operator::in ? draw_up_to(3) : 1;
        for (std::size_t i = 0; i < count; ++i) {
            const auto json = document();
            out.operands.push_back(out.path->as_text ? Value{schema::Text{json.text}}
                                                     : Value{json});
        }
        return out;
    }

    Filter filter(const Relation& relation, std::size_t depth) const {
        if (depth == 0 || once_in(3)) return Filter{predicate(relation)};
        Group out{once_in(2) ? Group::Kind::all : Group::Kind::any, {}, once_in(3)};
        const auto count = draw_up_to(options_.group_terms_max);
        for (std::size_t i = 0; i < count; ++i) out.terms.push_back(filter(relation, depth - 1));
        return Filter{std::move(out)};
    }

    static std::vector<query::OrderTerm> order(const Read& read) {
        std::vector<query::OrderTerm> out(draw_up_to(3), {nullptr});
        for (auto& term : out) term = order_term(read);
        return out;
    }

    static query::OrderTerm order_term(const Read& read) {
        query::OrderTerm out{nullptr, once_in(2), once_in(2)};
        const auto* relation = read.relation;
        const auto embed = draw_up_to(read.embeds.size());
        if (embed < read.embeds.size() &&
            read.embeds[embed].direction == Embed::Direction::to_one) {
            out.embed = embed;
            relation = read.embeds[embed].read.relation;
        }
        auto choices = query::all_columns(*relation);
        std::erase_if(choices, [](auto* c) { return c->type() == ColumnType::text_array; });
        out.column = draw_of(choices);
        if (out.column->type() == ColumnType::json) out.path = path();
        return out;
    }

    static query::JsonPath path() {
        return {draw_of<std::vector<std::string>>({{"a"}, {"a", "0"}, {"a", "-1"}, {"\"", "b c"}}),
                once_in(2)};
    }

    std::vector<Embed> embeds(const Read& read, std::size_t depth) const {
        const auto& from = *read.relation;
        std::vector<Embed> links;
        for (const auto& key : from.foreign_keys()) {
            links.push_back({{}, &key, Embed::Direction::to_one, Read{key.target}});
        }
        for (const auto& other : options_.catalog->relations()) {
            for (const auto& key : other->foreign_keys()) {
                if (key.target == &from)
                    links.push_back({{}, &key, Embed::Direction::to_many, Read{other.get()}});
            }
        }
        std::vector<Embed> out;
        const auto count = links.empty() ? 0 : draw_up_to(2);
        for (std::size_t i = 0; i < count; ++i) {
            auto embed = draw_of(links);
            const auto& target = *embed.read.relation;
            if (once_in(4)) {
                embed.read = counted(target);
            } else {
                embed.read = this->read(target, depth + 1);
            }
            embed.required = once_in(4);
            embed.name =
                free_name(read, out, once_in(2) ? embed.read.relation->name() : *nasty_text());
            out.push_back(std::move(embed));
        }
        return out;
    }

    Read counted(const Relation& relation) const {
        Read out{&relation};
        out.filter = maybe_filter(relation);
        out.only_count = true;
        return out;
    }

    static std::string free_name(const Read& read, const std::vector<Embed>& embeds,
                                 std::string name) {
        const auto taken = [&] {
            return name.empty() || std::ranges::find(embeds, name, &Embed::name) != embeds.end() ||
                   std::ranges::find(read.projection, name, &Column::name) != read.projection.end();
        };
        while (taken()) name += '_';
        return name;
    }

    /// `after` fits the order as `plan` completes it: with the id at its end.
    void page(Read& read) const {
        read.count = once_in(2);
        if (!std::ranges::all_of(read.order, &query::OrderTerm::own_column)) return;
        read.has_more = once_in(2);
        if (!once_in(3)) return;
        auto order = read.order;
        const auto* id = &read.relation->id();
        if (std::ranges::find(order, id, &query::OrderTerm::column) == order.end())
            order.push_back({id});
        std::vector<Value> after;
        after.reserve(order.size());
        for (const auto& term : order) after.push_back(written_or_null(*term.column));
        read.after = std::move(after);
    }

    Value written_or_null(const Column& column) const {
        if (column.nullable() && once_in(4)) return schema::Null{};
        auto value = pooled(column);
        return value ? *value : draw_made_up(column);
    }

    const GeneratorOptions& options_;
};

}  // namespace

rc::Gen<Read> RequestGenerator::read() const {
    return rc::gen::exec([options = options_] {
        const Drawer draw{*options};
        return draw.read(draw.relation(false));
    });
}

rc::Gen<Read> RequestGenerator::read(const Relation& relation) const {
    return rc::gen::exec(
        [options = options_, &relation] { return Drawer{*options}.read(relation); });
}

rc::Gen<query::Insert> RequestGenerator::insert() const {
    return rc::gen::exec([options = options_] { return Drawer{*options}.insert(); });
}

rc::Gen<query::Update> RequestGenerator::update() const {
    return rc::gen::exec([options = options_] { return Drawer{*options}.update(); });
}

rc::Gen<query::Delete> RequestGenerator::remove() const {
    return rc::gen::exec([options = options_] { return Drawer{*options}.remove(); });
}

rc::Gen<query::Request> RequestGenerator::request() const {
    return rc::gen::exec([options = options_]() -> query::Request {
        const Drawer draw{*options};
        switch (*rc::gen::inRange(0, 4)) {
        case 0: return draw.insert();
        case 1: return draw.update();
        case 2: return draw.remove();
        default: return draw.read(draw.relation(false));
        }
    });
}

rc::Gen<std::string> nasty_text() {
    static const std::vector<std::string> pieces{
        "a",    "B",    "z9",   " ",   "\t",  "\n",   "'",    "\"", "\"\"",   ",",     ".",
        ":",    "::",   ";",    "(",   ")",   "()",   "{",    "}",  "[",      "]",     "\\",
        "\\\\", "%",    "%2C",  "_",   "*",   "+",    "-",    "->", "--",     "/",     "?",
        "#",    "&",    "=",    "!",   "$",   "@",    "|",    "é",  "ß",      "日本",  "😀",
        "İ",    "null", "not.", "eq.", "or(", "and=", "in.(", "id", "select", "limit", "order"};
    return rc::gen::exec([] {
        std::string out;
        const auto count = draw_up_to(6);
        for (std::size_t i = 0; i < count; ++i) out += draw_of(pieces);
        return out;
    });
}

rc::Gen<Value> value_for(const Column& column) {
    return rc::gen::exec([&column] { return draw_made_up(column); });
}

}  // namespace tenantry::support
