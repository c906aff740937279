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

Called complete(FunctionCall call, const ArgumentNames& given) {
    const auto& function = *call.function;
    const auto is_given = [&](const std::string& name) {
        return std::ranges::find(given, name) != given.end();
    };
    const bool lacks = std::ranges::any_of(function.parameters, [&](const auto& parameter) {
        return !parameter.optional && !is_given(parameter.column.name());
    });
    if (lacks || given.size() != call.arguments.size())
        return unknown(function.name, given, &function);
    // In SQL it comes last, wherever the body has it.
    std::ranges::sort(call.arguments, {}, [](const FunctionCall::Argument& argument) {
        return argument.parameter->variadic;
    });
    return call;
}

Result<Called> called_by_body(const Function& function, std::string_view body) {
    FunctionCall out{.function = &function, .may_write = function.writes};
    if (body.empty()) return complete(std::move(out), {});
    TENANTRY_TRY(document, parse_document(body));
    if (const auto* whole = function.find(""); whole != nullptr) {
        TENANTRY_TRY(argument, argument_of(whole->column, document));
        out.arguments.push_back({whole, std::move(argument)});
        return Called{std::move(out)};
    }
    if (!document.is_object()) return fail(Errc::bad_json, "the body is an object of arguments");
    ArgumentNames given;
    for (const auto& [name, value] : document.get_object()) {
        given.push_back(name);
        const auto* parameter = function.find(given.back());
        if (parameter == nullptr) continue;
        TENANTRY_TRY(argument, argument_of(parameter->column, value));
        out.arguments.push_back({parameter, std::move(argument)});
    }
    return complete(std::move(out), given);
}

/// The elements of an array, one a parameter.
Result<schema::Value> variadic_argument(const query::Column& column, const Target& target) {
    schema::TextArray elements;
    for (const auto& parameter : target.parameters) {
        if (parameter.name == column.name()) elements.push_back(parameter.value);
    }
    return query::parse_operand(column, schema::array_text(elements));
}

/// The names that it takes are added to `taken`.
Result<Called> called_by_query(const Function& function, const Target& target,
                               ArgumentNames& taken) {
    FunctionCall out{.function = &function};
    for (const auto& parameter : target.parameters) {
        if (!is_argument(function, parameter)) continue;
        const auto* own = function.find(parameter.name);
        const auto& column = own->column;
        if (std::ranges::find(taken, column.name()) != taken.end()) {
            if (own->variadic) continue;
            return fail(Errc::bad_query, fmt::format("{} is given twice", parameter.name),
                        parameter.name);
        }
        taken.push_back(column.name());
        TENANTRY_TRY(argument, own->variadic ? variadic_argument(column, target)
                                             : query::parse_operand(column, parameter.value));
        out.arguments.push_back({own, std::move(argument)});
    }
    return complete(std::move(out), taken);
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
    const auto* function = catalog->find_function(call.id);
    if (function == nullptr) co_return unknown(call.id, {}, nullptr);
    ArgumentNames taken;
    auto called = call.request.method == Method::post
                      ? called_by_body(*function, call.request.body)
                      : called_by_query(*function, call.target, taken);
    if (!called) co_return called.error();
    if (auto* refusal = std::get_if<Response>(&*called)) co_return std::move(*refusal);
    const auto& result = *function->result;
    auto understood = understand(call, std::move(catalog), result, taken);
    if (!understood) co_return understood.error();
    if (auto* refusal = std::get_if<Response>(&*understood)) co_return std::move(*refusal);
    auto& asked = std::get<Asked>(*understood);
    auto& read = asked.read.read;
    if (auto refusal = narrow_to_range(call, read)) co_return std::move(*refusal);
    read.call = std::get<FunctionCall>(std::move(*called));
    if (read.call->may_write) {
        if (auto told = check_told(asked); !told) co_return told.error();
    }
    // What it gives may be counted only where calling it again changes nothing.
    read.count = asked.preferences.count && !function->writes;
    const bool has_rows = function->returns == Returns::row || function->returns == Returns::rows;
    if (has_rows) co_return co_await answer_with_rows(call, std::move(asked));
    co_return co_await answer_with_values(call, std::move(asked));
}

}  // namespace tenantry::http::rest
