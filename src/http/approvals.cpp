#include "base/text.hpp"
#include "http/problem.hpp"
#include "query/render.hpp"
#include "row_handlers.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <iterator>

namespace tenantry::http::approvals {

using Manager = services::UnifiedDatabaseManager;
using services::Decision;

namespace {

Answer decide_one(const Call& call, Result<Decision> decision) {
    auto id = parse_path_id<ApprovalId>(call.id);
    if (!id) co_return id.error();
    if (!decision) co_return decision.error();
    auto row = co_await call.app.manager.update_approval_status(*id, std::move(*decision),
                                                                call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Result<Decision> with_reason(const Call& call, Result<Decision> (*make)(std::string_view)) {
    TENANTRY_TRY(reason, parse_only_text(call.request, "reason"));
    return make(reason.value_or(""));
}

Result<Decision> without_body(const Call& call, Decision (*make)()) {
    if (call.request.body.empty()) return make();
    TENANTRY_TRY(body, parse_object(call.request.body));
    if (body.get_object().empty()) return make();
    return fail(Errc::unknown_field, "this takes no body",
                std::string{body.get_object().begin()->key()}.substr(0, 64));
}

Result<std::string> text_member(const boost::json::object& item, std::string_view name) {
    const auto* value = item.if_contains(name);
    if (value == nullptr) return std::string{};
    if (!value->is_string())
        return fail(Errc::bad_value, fmt::format("{} is not a string", name), std::string{name});
    return std::string{value->get_string()};
}

Result<services::DecisionRequest> parse_decision(const boost::json::value& json) {
    const auto* item = json.if_object();
    if (item == nullptr) return fail(Errc::bad_value, "a decision is not an object", "decisions");
    for (const auto& [key, value] : *item) {
        if (key != "id" && key != "status" && key != "reason")
            return fail(Errc::unknown_field, "a decision has id, status and reason",
                        std::string{key}.substr(0, 64));
    }
    TENANTRY_TRY(id_text, text_member(*item, "id"));
    TENANTRY_TRY(status, text_member(*item, "status"));
    TENANTRY_TRY(reason, text_member(*item, "reason"));
    auto id = ApprovalId::parse(id_text);
    if (!id) return fail(Errc::bad_id, "the id of a decision is not a UUID", "id");
    if (status == "approved") return services::DecisionRequest{*id, Decision::approve()};
    if (status == "sent") return services::DecisionRequest{*id, Decision::mark_sent()};
    if (status != "rejected" && status != "failed") {
        return fail(Errc::bad_value, "status is not one of approved, rejected, sent, failed",
                    "status");
    }
    TENANTRY_TRY(decision,
                 status == "rejected" ? Decision::reject(reason) : Decision::mark_failed(reason));
    return services::DecisionRequest{*id, std::move(decision)};
}

Result<std::vector<services::DecisionRequest>> parse_decisions(const Request& request) {
    TENANTRY_TRY(body, parse_object(request.body));
    const auto& object = body.get_object();
    const auto* list = object.if_contains("decisions");
    if (list == nullptr || !list->is_array() || object.size() != 1)
        return fail(Errc::missing_field, "the body must have decisions, a list, and nothing else",
                    "decisions");
    if (list->get_array().size() > limits::decisions_max) {
        return fail(Errc::out_of_range,
                    fmt::format("at most {} decisions a request", limits::decisions_max),
                    "decisions");
    }
    std::vector<services::DecisionRequest> decisions;
    for (const auto& item : list->get_array()) {
        TENANTRY_TRY(decision, parse_decision(item));
        decisions.push_back(std::move(decision));
    }
    return decisions;
}

void append_outcome(std::string& out, const ApprovalId& id, const Result<query::RowSet>& outcome) {
    const auto status =
        static_cast<unsigned>(outcome ? Status::ok : status_of(outcome.error().code));
    fmt::format_to(std::back_inserter(out), R"({{"id":"{}","status":{},)", id.text(), status);
    if (outcome) {
        out += R"("approval":)";
        query::append_json_row(out, *outcome, 0);
    } else {
        out += R"("error":)";
        append_json_string(out, outcome.error().message);
        out += R"(,"code":)";
        append_json_string(out, code_of(outcome.error().code));
    }
    out += '}';
}

/// The steps that an approval has been through, each with who and when as far as there is one.
std::string steps_of(const query::RowSet& row) {
    const auto text = [&](std::string_view column) {
        return schema::to_text(row.value(0, column));
    };
    const auto status = text("status");
    std::string out = R"({"history":[{"status":"pending","at":")" + text("created_at") + R"("})";
    if (status != "pending") {
        const bool rejected = status == "rejected";
        out += R"(,{"status":")" + std::string{rejected ? "rejected" : "approved"} + R"(","at":")" +
               text("reviewed_at") + R"(","by":)";
        append_json_string(out, text("reviewed_by"));
        if (rejected) {
            out += R"(,"reason":)";
            append_json_string(out, text("rejection_reason"));
        }
        out += '}';
    }
    if (status == "sent") out += R"(,{"status":"sent","at":")" + text("sent_at") + R"("})";
    if (status == "failed") out += R"(,{"status":"failed","at":")" + text("updated_at") + R"("})";
    return out + "]}";
}

}  // namespace

Answer list(const Call& call) {
    auto criteria = parse_approval_criteria(call.target);
    if (!criteria) co_return criteria.error();
    auto page =
        co_await call.app.manager.list_approvals(call.scope, std::move(*criteria), call.deadline);
    if (!page) co_return page.error();
    co_return page_of("approvals", *page);
}
Answer list_pending(const Call& call) {
    return list_rows<&Manager::get_pending_approvals>(call, "approvals");
}
Answer list_history(const Call& call) {
    return list_rows<&Manager::get_approval_history>(call, "approvals");
}
Answer create(const Call& call) {
    return create_row<services::NewApproval, &Manager::create_approval>(call, "/api/approvals/");
}
Answer read(const Call& call) { return read_row<ApprovalId, &Manager::get_approval>(call); }

Answer history(const Call& call) {
    auto id = parse_path_id<ApprovalId>(call.id);
    if (!id) co_return id.error();
    const auto row = co_await call.app.manager.get_approval(*id, call.scope, call.deadline);
    if (!row) co_return row.error();
    Response response;
    response.body = steps_of(*row);
    co_return response;
}

Answer approve(const Call& call) { return decide_one(call, without_body(call, Decision::approve)); }
Answer reject(const Call& call) { return decide_one(call, with_reason(call, Decision::reject)); }
Answer mark_sent(const Call& call) {
    return decide_one(call, without_body(call, Decision::mark_sent));
}
Answer mark_failed(const Call& call) {
    return decide_one(call, with_reason(call, Decision::mark_failed));
}

Answer decide(const Call& call) {
    auto decisions = parse_decisions(call.request);
    if (!decisions) co_return decisions.error();
    const auto asked = *decisions;
    const auto outcomes = co_await call.app.manager.update_approval_statuses(
        std::move(*decisions), call.scope, call.deadline);
    Response response;
    response.body = R"({"results":[)";
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (i > 0) response.body += ',';
        append_outcome(response.body, asked[i].approval, outcomes[i]);
    }
    response.body += "]}";
    co_return response;
}

}  // namespace tenantry::http::approvals
