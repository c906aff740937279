#pragma once
/// What handlers of rows have in common: a path's id and a body in, one operation of
/// UnifiedDatabaseManager, a row out. `Manager` is a pointer to that operation.

#include "body.hpp"
#include "conditions.hpp"
#include "parameters.hpp"
#include "render.hpp"
#include "resources.hpp"

namespace tenantry::http {

/// `collection`: where the new row's id is appended to; empty if rows have no address.
template <class Fields, auto operation>
Answer create_row(const Call& call, std::string_view collection) {
    auto fields = parse_body<Fields>(call.request);
    if (!fields) co_return fields.error();
    auto key = idempotency_key(call.request, fields->assignments());
    if (!key) co_return key.error();
    auto row = co_await (call.app.manager.*operation)(std::move(*fields), call.scope, call.deadline,
                                                      std::move(*key));
    if (!row) co_return row.error();
    co_return created_row(*row, collection);
}

template <class Id, auto operation>
Answer read_row(const Call& call) {
    auto id = parse_path_id<Id>(call.id);
    if (!id) co_return id.error();
    auto row = co_await (call.app.manager.*operation)(*id, call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

template <class Id, class Fields, auto operation>
Answer write_row(const Call& call) {
    auto id = parse_path_id<Id>(call.id);
    if (!id) co_return id.error();
    auto version = expected_version(call.request);
    if (!version) co_return version.error();
    auto fields = parse_body<Fields>(call.request);
    if (!fields) co_return fields.error();
    auto row = co_await (call.app.manager.*operation)(*id, std::move(*fields), call.scope,
                                                      call.deadline, *version);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

template <class Id, auto operation>
Answer remove_row(const Call& call) {
    auto id = parse_path_id<Id>(call.id);
    if (!id) co_return id.error();
    auto version = expected_version(call.request);
    if (!version) co_return version.error();
    auto removed = co_await (call.app.manager.*operation)(*id, call.scope, call.deadline, *version);
    if (!removed) co_return removed.error();
    co_return nothing();
}

/// `name`: of the array in the answer.
template <auto operation>
Answer list_rows(const Call& call, std::string_view name) {
    auto wanted = parse_page(call.target);
    if (!wanted) co_return wanted.error();
    auto page =
        co_await (call.app.manager.*operation)(call.scope, std::move(*wanted), call.deadline);
    if (!page) co_return page.error();
    co_return page_of(name, *page);
}

}  // namespace tenantry::http
