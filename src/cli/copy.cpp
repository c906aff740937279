#include "cli/actor.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/run_blocking.hpp"
#include "engine/database.hpp"
#include "schema/lead_schema.hpp"
#include "services/tenant_copy.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

constexpr std::chrono::hours copy_deadline{24};

struct CopyOptions {
    SettingFlags settings;
    std::optional<server::DatabaseUrl> from;
    std::optional<server::DatabaseUrl> to;
    std::optional<TenantId> tenant;
    bool json = false;
};

Result<server::DatabaseUrl> parse_database(std::string_view text) {
    return server::DatabaseUrl::parse(text);
}

/// One of the two databases, with all that a copy needs of it.
struct Side {
    server::Configuration configuration;
    std::unique_ptr<Workshop> workshop;
    std::unique_ptr<engine::RecordTransfer> records;

    engine::Location location() const { return configuration.database.value.location(); }
};

Result<Side> open_side(const CopyOptions& options,
                       const std::optional<server::DatabaseUrl>& database, Missing missing) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    if (database) configuration.database.value = *database;
    TENANTRY_TRY_VOID(require_database(configuration, missing));
    TENANTRY_TRY(workshop, Workshop::open(configuration));
    TENANTRY_TRY(records, engine::open_record_transfer(configuration.database.value.location()));
    return Side{std::move(configuration), std::move(workshop), std::move(records)};
}

std::string counts_of(const services::CopiedTenant& copied) {
    std::string out;
    for (const auto& each : copied.relations)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", each.rows, each.relation->name());
    return out;
}

boost::json::object as_json(const services::CopiedTenant& copied) {
    boost::json::object relations;
    for (const auto& each : copied.relations)
        relations[each.relation->name()] =
            boost::json::object{{"rows", each.rows}, {"sha256", each.sha256}};
    return {{"tenant", copied.tenant.text()},
            {"was_there", copied.was_there},
            {"relations", std::move(relations)}};
}

class CopyRun {
public:
    CopyRun(const CopyOptions& options, Side& from, Side& to, engine::Executor& snapshot,
            engine::TenureStore& store)
        : options_{options}, from_{from}, to_{to}, snapshot_{snapshot}, store_{store} {}

    Result<void> copy(const TenantId& tenant) {
        ProgressBar bar{"Copying " + tenant.text()};
        services::CopyOrder order{.tenant = tenant, .actor = actor()};
        order.progress = [&bar](std::uint64_t rows, std::uint64_t total) { bar.show(rows, total); };
        TENANTRY_TRY(copied,
                     run_blocking(services::copy_tenant(
                         {snapshot_, from_.workshop->issuer(), *from_.records},
                         {to_.workshop->executor(), store_, to_.workshop->issuer(), *to_.records},
                         std::move(order), std::chrono::steady_clock::now() + copy_deadline)));
        if (options_.json) {
            copied_.push_back(as_json(copied));
            return {};
        }
        print(fmt::format("{} {} with {}\n", copied.was_there ? "Found" : "Copied", tenant.text(),
                          counts_of(copied)));
        return output_so_far();
    }

    /// What belongs to no tenant.
    Result<void> copy_platform() const {
        TENANTRY_TRY(keys, from_.records->read_platform_keys());
        TENANTRY_TRY(added, to_.records->add_platform_keys(keys, actor()));
        if (!options_.json && added > 0) print(fmt::format("Copied {} keys of operators\n", added));
        return {};
    }

    boost::json::array& copied() { return copied_; }

private:
    const CopyOptions& options_;
    Side& from_;
    Side& to_;
    engine::Executor& snapshot_;
    engine::TenureStore& store_;
    boost::json::array copied_;
};

Result<ExitCode> copy(const CopyOptions& options) {
    TENANTRY_TRY(from, open_side(options, options.from, Missing::refuse));
    TENANTRY_TRY(to, open_side(options, options.to, Missing::create));
    if (engine::text_of(from.location()) == engine::text_of(to.location()))
        return fail(Errc::bad_request, "--from and --to are the same database");
    TENANTRY_TRY(snapshot, engine::open_snapshot(from.location(), schema::lead_catalog()));
    TENANTRY_TRY(store, engine::open_tenure_store(to.location()));
    CopyRun run{options, from, to, *snapshot, *store};
    if (options.tenant) {
        TENANTRY_TRY_VOID(run.copy(*options.tenant));
    } else {
        TENANTRY_TRY(tenants, from.records->tenants());
        for (const auto& tenant : tenants) TENANTRY_TRY_VOID(run.copy(tenant));
        TENANTRY_TRY_VOID(run.copy_platform());
    }
    if (options.json) print(boost::json::serialize(run.copied()) + "\n");
    return ExitCode::done;
}

}  // namespace

void add_copy(Command parent) {
    auto options = std::make_shared<CopyOptions>();
    auto command = parent.add("copy", "Copy tenants from one database into another");
    command
        .option(
            "--from",
            {.form = "DATABASE", .help = "Where they are; the configured database if not given"},
            options->from, parse_database)
        .option("--to",
                {.form = "DATABASE", .help = "Where they are to be as well", .required = true},
                options->to, parse_database)
        .option("--tenant", {.form = "ID", .help = "Only this one; all if not given"},
                options->tenant, TenantId::parse)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database", "lock_timeout"});
    command
        .examples(
            "  tenantry copy --from sqlite:tenantry.db --to postgres://tenantry_app@db/crm\n"
            "  tenantry copy --tenant acme --to sqlite:acme.db\n"
            "\n"
            "Rows, people and keys go along, what is sealed stays sealed, and ids and times stay. "
            "Each tenant is\n"
            "read back and compared by counts and SHA-256 before anybody gets into it. Run again "
            "after an\n"
            "interruption it goes on: what is there is compared, what is half there is copied "
            "anew. "
            "Suspend\n"
            "tenants or stop the server first, so that nothing is written after the copy. A "
            "PostgreSQL "
            "database\n"
            "to copy to is made by tenantry migrate; its password belongs into PGPASSWORD or "
            "~/.pgpass.")
        .action([options] { return copy(*options); });
}

}  // namespace tenantry::cli
