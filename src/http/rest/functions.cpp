// Calls of functions: /rpc/NAME.

#include "abridged.hpp"
#include "body.hpp"
#include "query/operand.hpp"
#include "query/render_shape.hpp"
#include "rest/anew.hpp"
#include "rest/asked.hpp"
#include "schema/array_text.hpp"
#include "schema/native_text.hpp"
#include "schema/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenantry::http::rest {
namespace {

using query::FunctionCall;
using schema::Function;
using Returns = Function::Returns;
using ArgumentNames = std::vector<std::string_view>;

/// Names that a client made up, as far as they fit into an error.
std::string listed(const ArgumentNames& names) {
    constexpr std::size_t shown_max = 16;
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), shown_max); ++i)
        out += (i == 0 ? "" : ", ") + abridged(names[i]);
    return names.size() > shown_max ? out + ", …" : out;
}

/// There is no such function, or none with such parameters.
Response unknown(std::string_view name, const ArgumentNames& given, const Function* known) {
    const auto shown = fmt::format("public.{}{}", abridged(name),
                                   given.empty() ? "" : fmt::format("({})", listed(given)));
    std::string hint;
    if (known != nullptr) {
        ArgumentNames names;
        for (const auto& parameter : known->parameters) names.push_back(parameter.column.name());
        hint = fmt::format("Perhaps you meant to call the function public.{}({})", known->name,
                           listed(names));
    }
    const auto details = fmt::format(
        "Searched for the function public.{} {}, but no matches were found in the schema cache.",
        abridged(name),
        given.empty()
            ? "without parameters"
            : fmt::format("with parameter{} {}", given.size() > 1 ? "s" : "", listed(given)));
    return refusal(Status::not_found, "PGRST202",
                   fmt::format("Could not find the function {} in the schema cache", shown),
                   details, hint);
}

/// `eq.5`, `not.in.(…)`, `like(any).{…}`.
bool is_condition(std::string_view value) {
    if (value.starts_with("not.")) return true;
    const auto end = value.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
    return end != std::string_view::npos && end > 0 && (value[end] == '.' || value[end] == '(');
}

/// Whether a parameter of the request is the function's, and no condition on what it gives.
bool is_argument(const Function& function, const Parameter& given) {
    if (given.name.empty() || function.find(given.name) == nullptr) return false;
    return function.result->find(given.name) == nullptr || !is_condition(given.value);
}

Result<schema::Value> argument_of(const query::Column& column, const boost::json::value& given) {
    if (given.is_null()) return schema::Value{schema::Null{}};
    if (column.type() == schema::ColumnType::text && !given.is_string())
        return schema::Value{schema::Text{schema::native_text(given, false)}};
    return schema::parse_json(column, given);
}

/// What the request calls, or that there is no such function.
using Called = std::variant<FunctionCall, Response>;
/// Those of one name, of which there is one at least.
using Functions = std::vector<const Function*>;

bool is_given(const ArgumentNames& given, const Function::Parameter& parameter) {
    return std::ranges::find(given, parameter.column.name()) != given.end();
}

/// Whether a call with such arguments is one of `function`.
bool takes(const Function& function, const ArgumentNames& given) {
    const auto is_known = [&](std::string_view name) { return function.find(name) != nullptr; };
    const auto is_there = [&](const Function::Parameter& parameter) {
        return parameter.optional || is_given(given, parameter);
    };
    return std::ranges::all_of(given, is_known) &&
           std::ranges::all_of(function.parameters, is_there);
}

/// As SQL names it; the server knows few types by itself.
std::string_view type_of(const query::Column& column) {
    switch (column.type()) {
    case schema::ColumnType::uuid: return "uuid";
    case schema::ColumnType::integer: return "bigint";
    case schema::ColumnType::boolean: return "boolean";
    case schema::ColumnType::json: return "jsonb";
    case schema::ColumnType::native: return column.options().native_type;
    default: return "text";
    }
}

Response ambiguous(const Functions& functions) {
    std::string shown;
    for (const auto* function : functions) {
        shown += fmt::format("{}public.{}(", shown.empty() ? "" : ", ", function->name);
        const char* comma = "";
        for (const auto& [column, optional, variadic] : function->parameters) {
            shown += fmt::format("{}{} => {}", comma, column.name(), type_of(column));
            comma = ", ";
        }
        shown += ')';
    }
    return refusal(Status::multiple_choices, "PGRST203",
                   "Could not choose the best candidate function between: " + shown, {},
                   "Try renaming the parameters or the function itself in the database so function "
                   "overloading can be resolved");
}

/// The one that takes all of `given_to(function)`; of several that which takes the most.
template <class GivenTo>
std::variant<const Function*, Response> choose(const Functions& functions,
                                               const GivenTo& given_to) {
    Functions best;
    std::size_t most = 0;
    for (const auto* function : functions) {
        const auto given = given_to(*function);
        if (!takes(*function, given)) continue;
        if (given.size() > most) best.clear();
        if (given.size() >= most) best.push_back(function);
        most = std::max(most, given.size());
    }
    if (best.size() == 1) return best.front();
    if (best.size() > 1) return ambiguous(best);
    return unknown(functions.front()->name, given_to(*functions.front()), functions.front());
}

/// In SQL a variadic one comes last, wherever the body has it.
Called complete(FunctionCall call) {
    std::ranges::sort(call.arguments, {}, [](const FunctionCall::Argument& argument) {
        return argument.parameter->variadic;
    });
    return call;
}

Result<Called> called_with_document(const Function& function, const boost::json::value& document) {
    FunctionCall out{.function = &function, .may_write = function.writes};
    const auto* parameter = function.find("");
    TENANTRY_TRY(argument, argument_of(parameter->column, document));
    out.arguments.push_back({parameter, std::move(argument)});
    return Called{std::move(out)};
}

Result<Called> called_by_body(const Functions& functions, std::string_view body) {
    TENANTRY_TRY(document, parse_document(body.empty() ? "{}" : body));
    ArgumentNames given;
    if (const auto* object = document.if_object()) {
        for (const auto& member : *object) given.push_back(member.key());
    }
    auto chosen = choose(functions, [&](const Function&) { return given; });
    const auto* function = std::get_if<const Function*>(&chosen);
    const bool names_none = function == nullptr || !document.is_object();
    const auto takes_all = [](const Function* each) { return each->find("") != nullptr; };
    const auto whole = std::ranges::find_if(functions, takes_all);
    if (names_none && whole != functions.end() && !body.empty())
        return called_with_document(**whole, document);
    if (!document.is_object()) return fail(Errc::bad_json, "the body is an object of arguments");
    if (function == nullptr) return Called{std::get<Response>(std::move(chosen))};
    FunctionCall out{.function = *function, .may_write = (*function)->writes};
    for (const auto& [name, value] : document.get_object()) {
        const auto* parameter = (*function)->find(name);
        TENANTRY_TRY(argument, argument_of(parameter->column, value));
        out.arguments.push_back({parameter, std::move(argument)});
    }
    return complete(std::move(out));
}

/// The elements of an array, one a parameter.
Result<schema::Value> variadic_argument(const query::Column& column, const Target& target) {
    schema::TextArray elements;
    for (const auto& parameter : target.parameters) {
        if (parameter.name == column.name()) elements.push_back(parameter.value);
    }
    return query::parse_operand(column, schema::array_text(elements));
}

/// The arguments among the request's parameters, each once.
ArgumentNames arguments_among(const Function& function, const Target& target) {
    ArgumentNames out;
    for (const auto& parameter : target.parameters) {
        const std::string_view name = parameter.name;
        if (is_argument(function, parameter) && std::ranges::find(out, name) == out.end())
            out.push_back(name);
    }
    return out;
}

/// `taken` becomes the names of the arguments.
Result<Called> called_by_query(const Functions& functions, const Target& target,
                               ArgumentNames& taken) {
    auto chosen =
        choose(functions, [&](const Function& each) { return arguments_among(each, target); });
    if (auto* refusal = std::get_if<Response>(&chosen)) return Called{std::move(*refusal)};
    const auto& function = *std::get<const Function*>(chosen);
    FunctionCall out{.function = &function};
    for (const auto& parameter : target.parameters) {
        if (!is_argument(function, parameter)) continue;
        const auto* own = function.find(parameter.name);
        if (is_given(taken, *own)) {
            if (own->variadic) continue;
            return fail(Errc::bad_query, fmt::format("{} is given twice", parameter.name),
                        parameter.name);
        }
        taken.push_back(own->column.name());
        TENANTRY_TRY(argument, own->variadic ? variadic_argument(own->column, target)
                                             : query::parse_operand(own->column, parameter.value));
        out.arguments.push_back({own, std::move(argument)});
    }
    return complete(std::move(out));
}

/// By PostgreSQL's code, as PostgREST does (docs.postgrest.org, "Errors"); `PT404` is a 404.
Status status_for(std::string_view code) {
    if (code.starts_with("PT") && code.size() == 5) {
        unsigned number = 0;
        std::from_chars(code.data() + 2, code.data() + 5, number);
        if (number >= 400 && number < 600) return static_cast<Status>(number);
    }
    if (code == "42883" || code == "42P01") return Status::not_found;
    if (code == "42501") return Status::forbidden;
    if (code == "23503" || code == "23505") return Status::conflict;
    if (code == "25006") return Status::method_not_allowed;
    const auto kind = code.substr(0, 2);
    if (kind == "54" || kind == "0L" || kind == "0P") return Status::internal_server_error;
    return Status::bad_request;
}

Result<Response> refused(const Error& error) {
    if (error.code != Errc::function_refused || !error.raised) return error;
    const auto& [code, details, hint] = *error.raised;
    return refusal(status_for(code), code, error.message, details, hint);
}

/// Nothing, a value or values: there is nothing to choose of them but how many.
Answer answer_with_values(const Call& call, Asked asked) {
    auto& read = asked.read.read;
    const auto returns = read.call->function->returns;
    read.only_count = returns == Returns::nothing;
    const auto reply = co_await call.app.manager.read_rows(read, call.scope, call.deadline);
    if (!reply) co_return refused(reply.error());
    const auto rows = reply->rows.row_count();
    if (returns == Returns::nothing)
        co_return tell_range(call, asked, Response{.status = Status::no_content}, rows, {});
    Response response{.content_type = Media{}.content_type()};
    if (returns == Returns::values) {
        response.body = "[";
        for (std::size_t row = 0; row < rows; ++row) {
            if (row > 0) response.body += ',';
            query::append_first_value(response.body, reply->rows, row);
        }
        response.body += ']';
    } else if (rows == 0) {
        response.body = "null";
    } else {
        query::append_first_value(response.body, reply->rows, 0);
    }
    const auto total = asked.preferences.count ? reply->total : std::nullopt;
    co_return tell_range(call, asked, std::move(response), rows, total);
}

/// The rows, without what shall be embedded in them.
Result<query::Read> rows_alone(const Asked& asked) {
    auto read = asked.read.read;
    const auto is_embedded = [](const query::OrderTerm& term) { return term.embed.has_value(); };
    if (std::ranges::any_of(read.order, is_embedded)) {
        return fail(Errc::bad_query, "what a function gives is ordered by its own columns",
                    "order");
    }
    for (const auto& embed : read.embeds) {
        if (embed.required) query::add_term(read.filter, {query::presence_of(embed)});
    }
    read.embeds.clear();
    read.projection.clear();
    add_key(asked, read.projection);
    return read;
}

Answer answer_with_rows(const Call& call, Asked asked) {
    const bool is_one = asked.read.read.call->function->returns == Returns::row;
    if (is_one && asked.media.form == Media::Form::array) asked.media.form = Media::Form::object;
    const bool embeds = !asked.read.read.embeds.empty();
    auto read = embeds ? rows_alone(asked) : Result<query::Read>{asked.read.read};
    if (!read) co_return read.error();
    const auto reply =
        co_await call.app.manager.read_rows(std::move(*read), call.scope, call.deadline);
    if (!reply) co_return refused(reply.error());
    const auto rows = reply->rows.row_count();
    const auto total = asked.preferences.count ? reply->total : std::nullopt;
    if (is_one && rows == 0 && asked.wants_object()) {
        // As a function that returns a row has to: a row of nulls, unless none was wanted.
        Response none{.body = "null", .content_type = Media{}.content_type()};
        const bool is_wanted = !asked.read.read.filter.has_value();
        if (is_wanted) {
            none.body.clear();
            query::append_absent_row(none.body, asked.read.shape, asked.media.nulls);
        }
        co_return tell_range(call, asked, std::move(none), is_wanted ? 1 : 0, total);
    }
    if (asked.wants_object() && rows != 1) co_return not_one(rows);
    if (!embeds || rows == 0) {
        auto response = rows_answer(asked, reply->rows);
        if (!response) co_return response.error();
        if (is_one) response->content_type = Media{}.content_type();
        co_return tell_range(call, asked, std::move(*response), rows, total);
    }
    auto anew = co_await answer_anew(call, asked, reply->rows);
    if (!anew || anew->status != Status::ok) co_return std::move(anew);
    co_return tell_range(call, asked, std::move(*anew), rows, total);
}

}  // namespace

Answer call_function(const Call& call) {
    auto catalog = call.app.catalog.get();
    const auto functions = catalog->functions_named(call.id);
    if (functions.empty()) co_return unknown(call.id, {}, nullptr);
    ArgumentNames taken;
    auto called = call.request.method == Method::post
                      ? called_by_body(functions, call.request.body)
                      : called_by_query(functions, call.target, taken);
    if (!called) co_return called.error();
    if (auto* refusal = std::get_if<Response>(&*called)) co_return std::move(*refusal);
    const auto& function = *std::get<FunctionCall>(*called).function;
    auto understood = understand(call, std::move(catalog), *function.result, taken);
    if (!understood) co_return understood.error();
    if (auto* refusal = std::get_if<Response>(&*understood)) co_return std::move(*refusal);
    auto& asked = std::get<Asked>(*understood);
    auto& read = asked.read.read;
    if (auto refusal = narrow_to_range(call, read)) co_return std::move(*refusal);
    read.call = std::get<FunctionCall>(std::move(*called));
    if (read.call->may_write) {
        if (asked.preferences.max_affected) {
            co_return fail(Errc::bad_query,
                           "what a function writes isn't counted; leave max-affected out",
                           "prefer");
        }
        if (auto told = check_told(asked); !told) co_return told.error();
    }
    // What it gives may be counted only where calling it again changes nothing.
    read.count = asked.preferences.count && !function.writes;
    const bool has_rows = function.returns == Returns::row || function.returns == Returns::rows;
    if (has_rows) co_return co_await answer_with_rows(call, std::move(asked));
    co_return co_await answer_with_values(call, std::move(asked));
}

}  // namespace tenantry::http::rest
