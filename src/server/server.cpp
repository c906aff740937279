#include "server/server.hpp"

#include "account_mail.hpp"
#include "auth/scope_issuer.hpp"
#include "change_trimmer.hpp"
#include "feed/feed.hpp"
#include "foreign_keys.hpp"
#include "http/app.hpp"
#include "key_use_writer.hpp"
#include "schema/lead_schema.hpp"
#include "served_relations.hpp"
#include "server/metrics.hpp"
#include "services/administration.hpp"
#include "services/key_ring_sealer.hpp"
#include "services/removals.hpp"
#include "services/unified_database_manager.hpp"
#include "token_keys.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

namespace tenantry::server {
namespace {

/// Beside connections: the database's files, the log, the pollers.
constexpr std::size_t other_files = 128;

class EngineReadiness final : public http::Readiness {
public:
    explicit EngineReadiness(engine::Engine& engine) : engine_{engine} {}
    boost::asio::awaitable<bool> database_readable(engine::Deadline deadline) override {
        return engine_.healthy(deadline);
    }

private:
    engine::Engine& engine_;
};

/// What operators have set for tenants, from where it is kept.
class EngineQuotas final : public http::QuotaSource {
public:
    explicit EngineQuotas(engine::Engine& engine) : engine_{engine} {}
    services::QuotaOverrides overrides(const TenantId& tenant) override {
        return services::quota_overrides(engine_.settings(tenant));
    }

private:
    engine::Engine& engine_;
};

/// Each connection is an open file; the soft limit is often 1,024 for no better reason than
/// select(2).
void raise_file_limit(std::size_t connections_max, Log& log) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t wanted = connections_max + other_files;
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted) log.observe(FileLimitLow{limit.rlim_cur, wanted});
}

http::TransferOptions transfer_options(const ServerOptions& options) {
    return {.folder = options.spool_folder,
            .import_deadline = options.http.limits.import_deadline,
            .page_deadline = options.http.limits.request_deadline};
}

Result<std::vector<TenantId>> active_tenants(const services::Administration::Open& open) {
    try {
        TENANTRY_TRY(store, open());
        std::vector<TenantId> out;
        for (auto& tenant : store->list_tenants()) {
            if (tenant.status == auth::TenantStatus::active) out.push_back(std::move(tenant.id));
        }
        return out;
    } catch (const engine::Fault& fault) {
        return fail(Errc::storage_unusable, fault.what());
    }
}

/// Beside the database, whose disk is large enough for what is about to go into it; the system's
/// folder for temporary files is often memory.
std::filesystem::path spool_folder(const std::filesystem::path& database) {
    const char* const chosen = std::getenv("TMPDIR");
    if (chosen != nullptr && *chosen != '\0') return chosen;
    return database.parent_path();
}

}  // namespace

class Server::Impl {
public:
    Impl(std::unique_ptr<engine::Engine> engine, std::unique_ptr<auth::TenantKeys> keys,
         const ServerOptions& options, auth::Secret secret, Log& log, const Clock& clock)
        : log_{log},
          engine_{std::move(engine)},
          readiness_{*engine_},
          place_{options.master_key
                     ? options.master_key
                     : std::make_shared<MasterKeyPlace>(own_master_key(options.engine.path))},
          master_{*place_, log},
          keys_{std::move(keys)},
          ring_{*keys_, master_},
          sealer_{ring_},
          verifier_{std::move(secret)},
          token_keys_{options.signing_keys_file, verifier_, clock, log},
          account_mail_{options.smtp, options.site_url, log},
          issuer_{verifier_, *engine_, &key_uses_, options.operators_act_as},
          manager_{*engine_, clock, sealer_},
          transfers_{*engine_, transfer_options(options)},
          quota_source_{*engine_},
          quotas_{options.quotas, quota_source_},
          metrics_{
              log,
              {[this] { return engine_->statistics(); }, [this] { return app_.connections.load(); },
               [this] { return realtime_.statistics(); },
               [this] { return dispatcher_.statistics(); }}},
          app_{manager_, issuer_, clock, readiness_, metrics_, options.cors_origins, &transfers_},
          administration_{control_stores(options)},
          accounts_{[where = options.location()] { return engine::open_account_store(where); },
                    verifier_,
                    token_keys_,
                    account_mail_,
                    clock,
                    options.accounts},
          feed_{feed::make_feed(*engine_, issuer_, schema::lead_catalog())},
          realtime_{options.realtime},
          removals_{*engine_, issuer_, tenure_stores(options),
                    [this] { return app_.catalog.get(); },
                    [this](const TenantId& tenant, std::string_view why) {
                        log_.observe(RemovalFailed{tenant.text(), why});
                    }},
          dispatcher_{dispatcher_tools(options, clock), options.webhooks},
          change_trimmer_{
              *engine_, issuer_, options.retention, options.trim_interval, control_stores(options),
              clock,    log},
          key_use_writer_{key_uses_, control_stores(options), clock, log},
          relations_{options.location(), options.functions, app_.catalog, log} {
        app_.on_thread = [this](boost::asio::io_context& context) {
            return engine_->connect_thread(context);
        };
        app_.administration = &administration_;
        app_.accounts = &accounts_;
        app_.jwks = [this] { return token_keys_.jwks(); };
        app_.removals = &removals_;
        app_.feed = feed_.get();
        app_.realtime = &realtime_;
        app_.webhooks = &dispatcher_.webhooks();
        app_.quotas = &quotas_;
        app_.metrics = &metrics_;
        app_.metrics_access = options.metrics;
    }

    Result<void> listen(const http::ListenerOptions& options) {
        TENANTRY_TRY(listener, http::Listener::start(app_, options));
        listener_ = std::move(listener);
        return {};
    }

    /// Says so now, rather than at the first secret, if the master key is not the right one.
    Result<void> check_master_key() {
        TENANTRY_TRY(recorded, keys_->master());
        if (recorded) static_cast<void>(master_.load(recorded));
        return {};
    }

    Result<void> load_token_keys(const ServerOptions& options) {
        if (!options.signing_keys_file.empty()) TENANTRY_TRY_VOID(token_keys_.load());
        foreign_keys_.emplace(
            options.issuers, [this](auto issuers) { token_keys_.trust(std::move(issuers)); }, log_);
        return {};
    }

    Result<void> load_relations() { return relations_.load(); }
    void reload() noexcept { relations_.reload(); }

    Result<void> resume_removals() {
        TENANTRY_TRY_VOID(removals_.resume());
        return {};
    }

    std::uint16_t port() const noexcept { return listener_->port(); }
    std::size_t connections() const noexcept { return listener_->connections(); }

    void stop() {
        std::call_once(stopped_, [this] {
            // First, so that nobody waits for a deletion that outlasts the server.
            removals_.stop();
            account_mail_.stop();
            if (foreign_keys_) foreign_keys_->stop();
            token_keys_.stop();
            dispatcher_.stop();
            feed_->stop();
            listener_->stop();
            change_trimmer_.stop();
            key_use_writer_.stop();
            engine_->drain();
            log_.observe(ServerStopped{});
        });
    }

private:
    static services::Administration::Open control_stores(const ServerOptions& options) {
        return [where = options.location()] { return engine::open_control_store(where); };
    }

    static services::Removals::Open tenure_stores(const ServerOptions& options) {
        return [where = options.location()] { return engine::open_tenure_store(where); };
    }

    webhooks::Tools dispatcher_tools(const ServerOptions& options, const Clock& clock) {
        return {*engine_,
                issuer_,
                *feed_,
                sealer_,
                clock,
                [open = control_stores(options)] { return active_tenants(open); },
                [this](std::string_view tenant, std::string_view why) {
                    log_.observe(WebhooksTroubled{tenant, why});
                }};
    }

    Log& log_;
    std::unique_ptr<engine::Engine> engine_;
    EngineReadiness readiness_;
    std::shared_ptr<const MasterKeyPlace> place_;
    LoggedMasterKey master_;
    std::unique_ptr<auth::TenantKeys> keys_;
    auth::KeyRing ring_;
    services::KeyRingSealer sealer_;
    auth::TokenVerifier verifier_;
    TokenKeys token_keys_;
    AccountMail account_mail_;
    std::optional<ForeignKeys> foreign_keys_;
    auth::KeyUses key_uses_;
    auth::ScopeIssuer issuer_;
    services::UnifiedDatabaseManager manager_;
    http::Transfers transfers_;
    EngineQuotas quota_source_;
    http::QuotaGate quotas_;
    Metrics metrics_;
    http::App app_;
    services::Administration administration_;
    services::Accounts accounts_;
    std::unique_ptr<feed::Feed> feed_;
    http::Realtime realtime_;
    services::Removals removals_;
    webhooks::Dispatcher dispatcher_;
    ChangeTrimmer change_trimmer_;
    KeyUseWriter key_use_writer_;
    ServedRelations relations_;
    std::unique_ptr<http::Listener> listener_;
    std::once_flag stopped_;
};

namespace {

services::AccountsOptions account_options(const Configuration& configuration) {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    const auto& url = configuration.public_url.value;
    services::AccountsOptions options;
    options.issuer =
        (url.empty() ? "http://" + configuration.listen.value.text() : url) + "/auth/v1";
    options.token_lifetime = duration_cast<seconds>(configuration.access_token_lifetime.value);
    options.idle_max = duration_cast<seconds>(configuration.session_idle_max.value);
    options.password_bytes_min = configuration.password_bytes_min.value;
    options.address_attempts = configuration.sign_in_attempts.value;
    return options;
}

}  // namespace

Result<ServerOptions> server_options(const Configuration& configuration) {
    ServerOptions options;
    TENANTRY_TRY(smtp, configured_smtp(configuration));
    options.smtp = std::move(smtp);
    if (const auto& file = configuration.issuers_file.value) {
        TENANTRY_TRY(issuers, read_issuers_file(*file));
        options.issuers = std::move(issuers);
    }
    options.site_url = configuration.site_url.value;
    options.accounts = account_options(configuration);
    options.signing_keys_file = signing_keys_file(configuration);
    options.engine.path = configuration.database.value.path();
    options.postgres = configuration.database.value.postgres();
    if (const auto& direct = configuration.database_direct.value)
        options.postgres_direct = direct->postgres();
    options.engine.readers = configuration.readers.value;
    options.writers = configuration.writers.value;
    options.engine.lock_timeout = configuration.lock_timeout.value;
    options.engine.write_queue_max = configuration.write_queue_max.value;
    options.spool_folder = spool_folder(options.engine.path);
    options.master_key = std::make_shared<MasterKeyPlace>(master_key_place(configuration));
    options.cors_origins = configuration.cors_origins.value;
    options.functions = configuration.functions.value;
    options.operators_act_as = configuration.operators_act_as.value;
    options.quotas = default_quotas(configuration);
    options.retention = {.changes = configuration.changes_kept.value,
                         .age = configuration.changes_kept_for.value};
    options.metrics = configuration.metrics.value;
    options.realtime.channels_max = configuration.realtime_channels_max.value;
    options.realtime.events_per_second =
        static_cast<unsigned>(configuration.realtime_events_per_second.value);
    options.realtime.payload_bytes_max = configuration.realtime_payload_bytes_max.value;
    options.realtime.outbox_bytes_max = configuration.realtime_outbox_bytes_max.value;
    options.realtime.tenant_outbox_bytes_max =
        std::max(configuration.realtime_tenant_outbox_bytes_max.value,
                 configuration.realtime_outbox_bytes_max.value);
    options.webhooks.delivery.attempts_max =
        static_cast<std::int64_t>(configuration.webhook_attempts.value);
    if (configuration.webhooks_private.value)
        options.webhooks.private_addresses = services::PrivateAddresses::allowed;
    options.http.host = configuration.listen.value.host();
    options.http.port = configuration.listen.value.port();
    options.http.threads = configuration.threads.value;
    auto& limits = options.http.limits;
    limits.header_bytes_max = configuration.header_bytes_max.value;
    limits.target_bytes_max = std::min(limits.target_bytes_max, limits.header_bytes_max);
    limits.body_bytes_max = configuration.body_bytes_max.value;
    limits.waiting_body_bytes_max =
        std::max(limits.waiting_body_bytes_max, 2 * limits.body_bytes_max);
    limits.connections_max = configuration.connections_max.value;
    limits.import_bytes_max = std::max(configuration.import_bytes_max.value, limits.body_bytes_max);
    limits.import_deadline = configuration.import_deadline.value;
    limits.request_deadline = configuration.request_deadline.value;
    limits.write_timeout = configuration.request_deadline.value;
    limits.idle_timeout = configuration.idle_timeout.value;
    limits.shutdown_timeout = configuration.shutdown_timeout.value;
    return options;
}

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, auth::Secret secret,
                                              Log& log, const Clock& clock) {
    raise_file_limit(options.http.limits.connections_max, log);
    const auto where = options.location();
    TENANTRY_TRY(engine, engine::open_engine(where, schema::lead_catalog(),
                                             {.readers = options.engine.readers,
                                              .writers = options.writers,
                                              .threads = options.http.threads,
                                              .lock_timeout = options.engine.lock_timeout,
                                              .write_queue_max = options.engine.write_queue_max,
                                              .direct = options.postgres_direct}));
    log.observe(DatabaseOpened{engine::text_of(where)});
    TENANTRY_TRY(keys, engine::open_tenant_keys(where, options.engine.lock_timeout));
    auto impl = std::make_unique<Impl>(std::move(engine), std::move(keys), options,
                                       std::move(secret), log, clock);
    TENANTRY_TRY_VOID(impl->check_master_key());
    TENANTRY_TRY_VOID(impl->load_token_keys(options));
    TENANTRY_TRY_VOID(impl->load_relations());
    TENANTRY_TRY_VOID(impl->listen(options.http));
    TENANTRY_TRY_VOID(impl->resume_removals());
    return std::unique_ptr<Server>{new Server{std::move(impl)}};
}

Server::Server(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Server::~Server() { stop(); }
std::uint16_t Server::port() const noexcept { return impl_->port(); }
std::size_t Server::connections() const noexcept { return impl_->connections(); }
void Server::reload() noexcept { impl_->reload(); }
void Server::stop() { impl_->stop(); }

}  // namespace tenantry::server
