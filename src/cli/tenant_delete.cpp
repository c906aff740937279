#include "base/limits.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/run_blocking.hpp"
#include "engine/executor.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>

#include <iostream>
#include <memory>
#include <ranges>

namespace tenantry::cli {
namespace {

namespace asio = boost::asio;

struct Options {
    SettingFlags settings;
    std::optional<TenantId> id;
    std::optional<TenantId> confirmed;
    bool json = false;
};

struct Removed {
    std::string relation;
    std::int64_t rows;
};

constexpr std::chrono::minutes statement_deadline{5};

engine::Deadline deadline() { return std::chrono::steady_clock::now() + statement_deadline; }

/// Deletes up to a page of rows, so that the lock is never held for long. Returns how many.
asio::awaitable<Result<std::int64_t>> remove_some(engine::Executor& executor,
                                                  const schema::Relation& relation,
                                                  TenantScope scope) {
    auto read = query::plan(query::Read{
        .relation = &relation, .projection = {&relation.id()}, .limit = limits::in_list_max});
    if (!read) co_return read.error();
    auto scoped_read = query::scope_plan(std::move(*read), scope);
    if (!scoped_read) co_return scoped_read.error();
    const auto page = co_await executor.run(std::move(*scoped_read), deadline());
    if (!page) co_return page.error();
    if (page->rows.row_count() == 0) co_return std::int64_t{0};

    query::Predicate these{&relation.id(), query::Operator::in};
    for (std::size_t row = 0; row < page->rows.row_count(); ++row)
        these.operands.push_back(page->rows.value(row, "id"));
    auto remove = query::plan(
        query::Delete{.relation = &relation, .filter = query::Filter{std::move(these)}});
    if (!remove) co_return remove.error();
    auto scoped_remove = query::scope_plan(std::move(*remove), scope);
    if (!scoped_remove) co_return scoped_remove.error();
    const auto removed = co_await executor.run(std::move(*scoped_remove), deadline());
    if (!removed) co_return removed.error();
    co_return removed->affected;
}

/// Every row of the tenant, those that refer to others first.
asio::awaitable<Result<std::vector<Removed>>> remove_rows(engine::Executor& executor,
                                                          TenantScope scope) {
    std::vector<Removed> all;
    for (const auto& relation : std::views::reverse(schema::lead_catalog().relations())) {
        Removed counted{relation->name(), 0};
        while (true) {
            const auto removed = co_await remove_some(executor, *relation, scope);
            if (!removed) co_return removed.error();
            if (*removed == 0) break;
            counted.rows += *removed;
        }
        all.push_back(std::move(counted));
    }
    co_return all;
}

Error not_confirmed(const TenantId& id) {
    return fail(Errc::bad_request,
                fmt::format("nothing was deleted; to confirm, add: --yes-delete {}", id.text()));
}

Result<void> confirm(const Options& options, const engine::TenantRecord& tenant) {
    const auto& id = tenant.id;
    if (options.confirmed) {
        if (*options.confirmed == id) return {};
        return fail(Errc::bad_request,
                    fmt::format("nothing was deleted: --yes-delete names {}, the tenant is {}",
                                options.confirmed->text(), id.text()));
    }
    if (::isatty(STDIN_FILENO) != 1) return not_confirmed(id);
    std::cerr << fmt::format(
        "This deletes the tenant {} ({}) with all of its rows for good.\nType its id to go on: ",
        id.text(), printable(tenant.name));
    std::string typed;
    std::getline(std::cin, typed);
    if (typed == id.text()) return {};
    return not_confirmed(id);
}

void print_removed(const Options& options, const std::vector<Removed>& removed) {
    if (options.json) {
        boost::json::object counts;
        for (const auto& [relation, rows] : removed) counts[relation] = rows;
        print(boost::json::serialize(boost::json::object{{"deleted", options.id->text()},
                                                         {"rows", std::move(counts)}}) +
              "\n");
        return;
    }
    std::string counts;
    for (const auto& [relation, rows] : removed)
        counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", rows, relation);
    print(fmt::format("Deleted tenant {} with {}\n", options.id->text(), counts));
}

Result<ExitCode> remove(const Options& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(tenant, store->tenant(*options.id));
    TENANTRY_TRY_VOID(confirm(options, tenant));
    // From here on nobody else gets in; whatever stops this command, running it again goes on.
    TENANTRY_TRY_VOID(store->set_tenant_status(tenant.id, auth::TenantStatus::deleting));
    TENANTRY_TRY(workshop, Workshop::open(configuration));
    TENANTRY_TRY(scope, workshop->issuer().for_removal(tenant.id));
    TENANTRY_TRY(removed, run_blocking(remove_rows(workshop->executor(), scope)));
    TENANTRY_TRY_VOID(store->forget_tenant(tenant.id));
    print_removed(options, removed);
    return ExitCode::done;
}

}  // namespace

void add_tenant_delete(Command tenant) {
    auto options = std::make_shared<Options>();
    auto command = tenant.add("delete", "Delete a tenant and all of its rows, for good");
    command
        .option("ID", {.form = "", .help = "The tenant", .required = true}, options->id,
                TenantId::parse)
        .option("--yes-delete",
                {.form = "ID", .help = "The id once more, instead of being asked for it"},
                options->confirmed, TenantId::parse)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry tenant delete acme\n"
            "  tenantry tenant delete acme --yes-delete acme --json\n"
            "\n"
            "The tenant's requests are refused at once. If the command is stopped half-way, run it "
            "again.\n"
            "Users stay, since they may be members of other tenants.")
        .action([options] { return remove(*options); });
}

}  // namespace tenantry::cli
