#include "server/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>
#include <exception>

namespace tenantry::server {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    }
    std::abort();
}

/// A logger of its own: the library's global registry would be state that every part shares.
std::shared_ptr<spdlog::logger> standard_error_logger() {
    auto logger = std::make_shared<spdlog::logger>(
        "tenantry", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::info);
    return logger;
}

std::string_view or_dash(std::string_view text) { return text.empty() ? "-" : text; }

/// Texts from elsewhere stay on their line.
std::string one_line(std::string_view text) {
    std::string out{text};
    for (auto& c : out) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    return out;
}

/// Events are told from places that can't throw; a line that can't be written is lost.
template <class Write>
void quietly(const Write& write) noexcept {
    try {
        write();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    }
}

}  // namespace

Log::Log(const Options& options) : Log{options, standard_error_logger()} {}

Log::Log(const Options& options, std::shared_ptr<spdlog::logger> logger)
    : logger_{std::move(logger)}, access_log_{options.access_log} {
    logger_->set_level(level_of(options.level));
}

Log::~Log() = default;

void Log::observe(const http::RequestFinished& event) noexcept {
    const auto level = access_log_ ? spdlog::level::info : spdlog::level::debug;
    if (!logger_->should_log(level)) return;
    quietly([&] {
        logger_->log(level, "request finished id={} method={} route={} status={} tenant={} us={}",
                     event.id, event.method, or_dash(event.route), event.status,
                     or_dash(event.tenant), event.elapsed.count());
    });
}

void Log::observe(const http::RequestFaulted& event) noexcept {
    quietly([&] {
        logger_->error("request failed id={} method={} route={} tenant={} cause=\"{}\"", event.id,
                       event.method, or_dash(event.route), or_dash(event.tenant),
                       one_line(event.what));
    });
}

void Log::observe(const http::AcceptFailed& event) noexcept {
    quietly([&] {
        logger_->error(
            "no connection can be accepted for now; raise the limit of open files (ulimit -n) if "
            "that is it cause=\"{}\"",
            one_line(event.what));
    });
}

void Log::observe(const http::ConnectionsExhausted& event) noexcept {
    quietly([&] {
        logger_->warn(
            "as many connections as configured are open; more are turned away with 503 "
            "connections_max={}",
            event.limit);
    });
}

void Log::observe(const http::SessionFaulted& event) noexcept {
    quietly([&] { logger_->error("a connection broke off cause=\"{}\"", one_line(event.what)); });
}

void Log::observe(const http::ListenerStarted& event) noexcept {
    quietly([&] {
        logger_->info("listening address={} port={} threads={}", event.address, event.port,
                      event.threads);
    });
}

void Log::observe(const http::ListenerDraining& event) noexcept {
    quietly([&] {
        logger_->info("shutting down; finishing what has begun connections={}", event.connections);
    });
}

void Log::observe(const http::ListenerStopped& event) noexcept {
    quietly([&] {
        if (event.cut_off == 0) {
            logger_->info("all requests finished");
        } else {
            logger_->warn("connections that did not finish in time were cut off count={}",
                          event.cut_off);
        }
    });
}

void Log::observe(const DatabaseOpened& event) noexcept {
    quietly([&] { logger_->info("database open database={}", one_line(event.database)); });
}

void Log::observe(const ServerStopped&) noexcept {
    quietly([&] { logger_->info("stopped; every acknowledged write is on disk"); });
}

void Log::observe(const FileLimitLow& event) noexcept {
    quietly([&] {
        logger_->warn(
            "the limit of open files is lower than connections_max needs; raise it (ulimit -n) or "
            "lower connections_max "
            "allowed={} wanted={}",
            event.allowed, event.wanted);
    });
}

void Log::observe(const KeyUsesLost& event) noexcept {
    quietly([&] {
        logger_->warn("when API keys were last used could not be written cause=\"{}\"",
                      one_line(event.what));
    });
}

void Log::observe(const MasterKeyMade& event) noexcept {
    quietly([&] {
        logger_->warn(
            "made a master key for the tenants' secrets; keep a copy of its file elsewhere, for "
            "without it the secrets in a backup are lost file={}",
            one_line(event.file));
    });
}

void Log::observe(const MasterKeyUnusable& event) noexcept {
    quietly([&] { logger_->error("secrets can't be used reason=\"{}\"", one_line(event.reason)); });
}

}  // namespace tenantry::server
