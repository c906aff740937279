#include "bindings.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tenantry::http::realtime {
namespace {

Result<std::optional<feed::Op>> parse_event(std::string_view event) {
    using MaybeOp = std::optional<feed::Op>;
    if (event == "*") return MaybeOp{};
    if (equals_ignoring_case(event, "insert")) return MaybeOp{feed::Op::insert};
    if (equals_ignoring_case(event, "update")) return MaybeOp{feed::Op::update};
    if (equals_ignoring_case(event, "delete")) return MaybeOp{feed::Op::delete_};
    return fail(Errc::bad_query, "an event is INSERT, UPDATE, DELETE or *", "event");
}

}  // namespace

auto Bindings::parse_one(const BindingRequest& request, std::uint32_t id,
                         const schema::Catalog& catalog) -> Result<Binding> {
    TENANTRY_TRY(op, parse_event(request.event));
    if (!request.schema.empty() && request.schema != "public" && request.schema != "*")
        return fail(Errc::bad_query, "there is no schema but public", "schema");
    Binding binding{.id = id, .op = op, .relation = nullptr};
    const auto filter = request.filter.value_or("");
    if (!request.table || *request.table == "*") {
        if (!filter.empty()) return fail(Errc::bad_query, "a filter goes with a table", "filter");
        return binding;
    }
    binding.relation = catalog.find(*request.table);
    if (binding.relation == nullptr || binding.relation->internal())
        return fail(Errc::bad_query, "there is no such table", "table");
    TENANTRY_TRY(parsed, ChangeFilter::parse(*binding.relation, filter));
    binding.filter = std::move(parsed);
    for (const auto& name : request.select) {
        const auto* column = binding.relation->find(name);
        if (column == nullptr || column->type() == schema::ColumnType::sealed)
            return fail(Errc::unknown_field, "there is no such column to select", "select");
        binding.selected.insert(name);
    }
    return binding;
}

Result<Bindings> Bindings::parse(const std::vector<BindingRequest>& requests,
                                 const schema::Catalog& catalog) {
    Bindings all;
    for (const auto& request : requests) {
        TENANTRY_TRY(
            binding,
            parse_one(request, static_cast<std::uint32_t>(all.bindings_.size() + 1), catalog));
        all.bindings_.push_back(std::move(binding));
    }
    return all;
}

/// An update is judged by the row that it makes, a delete by the row that it takes.
bool Bindings::fits(const Binding& binding, const feed::Change& change) {
    if (binding.op && *binding.op != change.op) return false;
    if (binding.relation != nullptr && binding.relation != change.relation) return false;
    return binding.filter.passes(change.row.exists() ? change.row : change.old);
}

auto Bindings::match(const feed::Change& change) -> Match {
    ids_.clear();
    selected_.clear();
    bool all_columns = false;
    for (const auto& binding : bindings_) {
        if (!fits(binding, change)) continue;
        if (!ids_.empty()) ids_ += ',';
        fmt::format_to(std::back_inserter(ids_), "{}", binding.id);
        all_columns = all_columns || binding.selected.empty();
        if (!all_columns) selected_.insert(binding.selected.begin(), binding.selected.end());
    }
    return {ids_, all_columns || ids_.empty() ? nullptr : &selected_};
}

std::string echo(const std::vector<BindingRequest>& requests) {
    std::string out = "[";
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (i > 0) out += ',';
        fmt::format_to(std::back_inserter(out), R"({{"id":{}{}{}}})", i + 1,
                       requests[i].members.empty() ? "" : ",", requests[i].members);
    }
    return out += ']';
}

}  // namespace tenantry::http::realtime
