#include "server/log.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <concepts>
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
std::shared_ptr<spdlog::logger> standard_error_logger(LogFormat format) {
    auto logger = std::make_shared<spdlog::logger>(
        "tenantry", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern(std::string{Log::pattern_of(format)}, spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::info);
    return logger;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// Texts from elsewhere stay on their line.
std::string one_line(std::string_view text) {
    std::string out{text};
    std::ranges::replace_if(out, is_control, ' ');
    return out;
}

/// As one word of visible ASCII, so that nobody's name can look like another field.
std::string one_word(std::string_view text) {
    std::string out{text};
    const auto odd = [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '='; };
    std::ranges::replace_if(out, odd, '?');
    return out.empty() ? "-" : out;
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

/// One line being put together.
class Log::Line {
public:
    Line(const Log& log, std::string_view sentence) : json_{log.format_ == LogFormat::json} {
        if (json_) {
            text_ = "\"message\":";
            append_json_string(text_, sentence);
        } else {
            text_ = sentence;
        }
    }

    Line& add(std::string_view name, std::integral auto number) {
        begin(name);
        text_ += fmt::to_string(number);
        return *this;
    }
    /// A word: an id, a name of ours.
    Line& add(std::string_view name, std::string_view word) {
        begin(name);
        if (json_) {
            append_json_text(word);
        } else {
            text_ += one_word(word);
        }
        return *this;
    }
    /// Any text.
    Line& quote(std::string_view name, std::string_view text) {
        begin(name);
        if (json_) {
            append_json_text(text);
        } else {
            text_ += '"' + one_line(text) + '"';
        }
        return *this;
    }
    /// Any text up to the end of the line.
    Line& rest(std::string_view name, std::string_view text) {
        begin(name);
        if (json_) {
            append_json_text(text);
        } else {
            text_ += one_line(text);
        }
        return *this;
    }

    std::string_view text() const noexcept { return text_; }

private:
    void begin(std::string_view name) {
        text_ += json_ ? ",\"" : " ";
        text_ += name;
        text_ += json_ ? "\":" : "=";
    }
    /// What the system says need not be UTF-8.
    void append_json_text(std::string_view text) {
        const bool clean = is_clean_utf8(text);
        append_json_string(text_, clean ? std::string{text} : one_word(text));
    }

    bool json_;
    std::string text_;
};

std::string_view Log::pattern_of(LogFormat format) noexcept {
    switch (format) {
    case LogFormat::text: return "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
    case LogFormat::json: return R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";
    }
    std::abort();
}

Log::Log(const Options& options) : Log{options, standard_error_logger(options.format)} {}

Log::Log(const Options& options, std::shared_ptr<spdlog::logger> logger)
    : logger_{std::move(logger)}, access_log_{options.access_log}, format_{options.format} {
    logger_->set_level(level_of(options.level));
}

Log::~Log() = default;

void Log::observe(const http::RequestFinished& event) noexcept {
    const bool is_shown = access_log_ || event.by_operator;
    const auto level = is_shown ? spdlog::level::info : spdlog::level::debug;
    if (!logger_->should_log(level)) return;
    quietly([&] {
        Line line{*this,
                  event.by_operator ? "an operator has acted for a tenant" : "request finished"};
        line.add("id", event.id).add("method", event.method).add("route", event.route);
        line.add("status", event.status).add("tenant", event.tenant);
        line.add("principal", event.principal).add("us", event.elapsed.count());
        if (!event.quota.empty()) line.add("quota", event.quota);
        logger_->log(level, line.text());
    });
}

void Log::observe(const http::RequestFaulted& event) noexcept {
    quietly([&] {
        Line line{*this, "request failed"};
        line.add("id", event.id).add("method", event.method).add("route", event.route);
        line.add("tenant", event.tenant).quote("cause", event.what);
        logger_->error(line.text());
    });
}

void Log::observe(const http::AcceptFailed& event) noexcept {
    quietly([&] {
        logger_->error(Line{*this,
                            "no connection can be accepted for now; raise the limit of open files "
                            "(ulimit -n) if that is it"}
                           .quote("cause", event.what)
                           .text());
    });
}

void Log::observe(const http::ConnectionsExhausted& event) noexcept {
    quietly([&] {
        logger_->warn(Line{*this,
                           "as many connections as configured are open; more are turned away with "
                           "503"}
                          .add("connections_max", event.limit)
                          .text());
    });
}

void Log::observe(const http::SessionFaulted& event) noexcept {
    quietly([&] {
        logger_->error(Line{*this, "a connection broke off"}.quote("cause", event.what).text());
    });
}

void Log::observe(const http::ListenerStarted& event) noexcept {
    quietly([&] {
        Line line{*this, "listening"};
        line.add("address", event.address).add("port", event.port).add("threads", event.threads);
        logger_->info(line.text());
    });
}

void Log::observe(const http::ListenerDraining& event) noexcept {
    quietly([&] {
        logger_->info(Line{*this, "shutting down; finishing what has begun"}
                          .add("connections", event.connections)
                          .text());
    });
}

void Log::observe(const http::ListenerStopped& event) noexcept {
    quietly([&] {
        if (event.cut_off == 0) {
            logger_->info(Line{*this, "all requests finished"}.text());
        } else {
            logger_->warn(Line{*this, "connections that did not finish in time were cut off"}
                              .add("count", event.cut_off)
                              .text());
        }
    });
}

void Log::observe(const DatabaseOpened& event) noexcept {
    quietly([&] {
        logger_->info(Line{*this, "database open"}.rest("database", event.database).text());
    });
}

void Log::observe(const ServerStopped&) noexcept {
    quietly(
        [&] { logger_->info(Line{*this, "stopped; every acknowledged write is on disk"}.text()); });
}

void Log::observe(const FileLimitLow& event) noexcept {
    quietly([&] {
        Line line{*this,
                  "the limit of open files is lower than connections_max needs; raise it (ulimit "
                  "-n) or lower connections_max"};
        line.add("allowed", event.allowed).add("wanted", event.wanted);
        logger_->warn(line.text());
    });
}

void Log::observe(const KeyUsesLost& event) noexcept {
    quietly([&] {
        logger_->warn(Line{*this, "when API keys were last used could not be written"}
                          .quote("cause", event.what)
                          .text());
    });
}

void Log::observe(const RemovalFailed& event) noexcept {
    quietly([&] {
        Line line{*this, "a tenant's deletion ended early; begin it again to go on"};
        line.add("tenant", event.tenant).quote("cause", event.what);
        logger_->warn(line.text());
    });
}

void Log::observe(const TrimmingFailed& event) noexcept {
    quietly([&] {
        Line line{*this, "old changes could not be let go"};
        line.add("tenant", event.tenant).quote("cause", event.what);
        logger_->warn(line.text());
    });
}

void Log::observe(const WebhooksTroubled& event) noexcept {
    quietly([&] {
        Line line{*this, "webhooks can't be sent for now"};
        line.add("tenant", event.tenant).quote("cause", event.what);
        logger_->warn(line.text());
    });
}

void Log::observe(const RelationsFound& event) noexcept {
    quietly([&] {
        Line line{*this, "tables of others are served"};
        line.quote("relations", event.names);
        logger_->info(line.text());
    });
}

void Log::observe(const TableNotServed& event) noexcept {
    quietly([&] {
        Line line{*this, "a table of others is not served"};
        line.quote("cause", event.problem).quote("mend", event.remedy);
        logger_->warn(line.text());
    });
}

void Log::observe(const FunctionsFound& event) noexcept {
    quietly([&] {
        Line line{*this, "functions can be called"};
        line.quote("functions", event.names);
        logger_->info(line.text());
    });
}

void Log::observe(const FunctionNotServed& event) noexcept {
    quietly([&] {
        Line line{*this, "a function can't be called"};
        line.add("function", event.name).quote("cause", event.problem).quote("mend", event.remedy);
        logger_->warn(line.text());
    });
}

void Log::observe(const RelationsUnknown& event) noexcept {
    quietly([&] {
        Line line{*this, "tables of others can't be looked at; what was served goes on"};
        line.quote("cause", event.what);
        logger_->warn(line.text());
    });
}

void Log::observe(const MailFailed& event) noexcept {
    quietly([&] {
        Line line{*this, "a mail was not sent"};
        line.quote("cause", event.what);
        logger_->warn(line.text());
    });
}

void Log::observe(const SigningKeysUnusable& event) noexcept {
    quietly([&] {
        Line line{*this, "the signing keys stay as they were"};
        line.quote("cause", event.what);
        logger_->error(line.text());
    });
}

void Log::observe(const IssuerUnusable& event) noexcept {
    quietly([&] {
        Line line{*this, "the keys of an issuer of tokens can't be had"};
        line.quote("issuer", event.issuer).quote("cause", event.what);
        logger_->warn(line.text());
    });
}

void Log::observe(const MasterKeyMade& event) noexcept {
    quietly([&] {
        Line line{*this,
                  "made a master key for the tenants' secrets; keep a copy of its file elsewhere, "
                  "for without it the secrets in a backup are lost"};
        logger_->warn(line.rest("file", event.file).text());
    });
}

void Log::observe(const MasterKeyUnusable& event) noexcept {
    quietly([&] {
        logger_->error(Line{*this, "secrets can't be used"}.quote("reason", event.reason).text());
    });
}

}  // namespace tenantry::server
