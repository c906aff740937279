// bench_loadgen: runs scenarios against one server, checks every answer, and prints a line of JSON
// per scenario. Exit code 1 at the first wrong answer.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "driver.hpp"
#include "until_sigterm.hpp"

namespace tenantry::bench {
namespace {

struct Options {
    std::uint16_t port = 0;
    pid_t pid = 0;
    pid_t database_pid = 0;
    bool postgrest = false;
    std::string rest;
    std::string data;
    unsigned prepare_ms = 0;
    unsigned warm_up_ms = 500;
    unsigned duration_ms = 3000;
    std::uint64_t seed = 1;
    std::string tenants;
    bool until_stopped = false;
    bool quota = false;
    std::vector<std::string> scenarios;
};

Scenario parse_scenario(const std::string& text) {
    const auto at = text.find('@');
    const auto closed = text.substr(0, at);
    const auto colon = closed.find(':');
    const auto kind = parse_kind(closed.substr(0, colon));
    unsigned connections = 0;
    double per_second = 0;
    if (!kind || colon == std::string::npos ||
        !CLI::detail::lexical_cast(closed.substr(colon + 1), connections) || connections == 0 ||
        connections > 1000 ||
        (at != std::string::npos && (!CLI::detail::lexical_cast(text.substr(at + 1), per_second) ||
                                     !(per_second > 0 && per_second <= 1e6)))) {
        throw std::runtime_error{"not a scenario: " + text};
    }
    return {.kind = *kind, .connections = connections, .per_second = per_second};
}

std::vector<Tenant> read_tenants(const Options& options) {
    auto tenants = read_dataset(options.data);
    if (options.tenants.empty()) {
        return tenants;
    }
    const auto range = parse_tenant_range(options.tenants);
    if (!range) {
        throw std::runtime_error{"not a range of tenants: " + options.tenants};
    }
    return select(std::move(tenants), *range);
}

Api api_of(const Options& options) {
    return options.postgrest ? Api::postgrest : options.rest.empty() ? Api::tenantry : Api::rest;
}

void print(const std::string& name, const Measurement& measured) {
    const auto& latencies = measured.latencies;
    const auto requests = static_cast<double>(latencies.count());
    std::printf(R"({"scenario":"%s","requests":%.0f,"refused":%llu,"rate":%.1f,"cpu_us":%.2f,)"
                R"("database_cpu_us":%.2f,"loadgen_cpu_us":%.2f,)"
                R"("p50_us":%.1f,"p99_us":%.1f,"p999_us":%.1f,"max_us":%.1f})"
                "\n",
                name.c_str(), requests, static_cast<unsigned long long>(measured.refused),
                requests * 1e6 / in_us(measured.elapsed), in_us(measured.server_cpu) / requests,
                in_us(measured.database_cpu) / requests, in_us(measured.own_cpu) / requests,
                in_us(latencies.quantile(0.5)), in_us(latencies.quantile(0.99)),
                in_us(latencies.quantile(0.999)), in_us(latencies.max()));
    std::fflush(stdout);
}

/// With as many, a server's pools of connections are full before anything is measured.
unsigned most_connections(const std::vector<std::string>& scenarios) {
    unsigned most = 0;
    for (const auto& name : scenarios) most = std::max(most, parse_scenario(name).connections);
    return most;
}

void run(const Options& options) {
    constexpr std::chrono::milliseconds no_time{0};
    const auto api = api_of(options);
    const Target target{.port = options.port,
                        .pid = options.pid,
                        .database_pid = options.database_pid,
                        .chunks_allowed = api != Api::tenantry};
    Workload workload{read_tenants(options), options.seed, api, options.rest};
    if (options.prepare_ms > 0) {
        run_scenario(
            target,
            {.kind = api == Api::tenantry ? Kind::mixed : Kind::page,
             .connections = most_connections(options.scenarios)},
            workload,
            {.warm_up = no_time, .duration = std::chrono::milliseconds{options.prepare_ms}});
    }
    Timing timing{.warm_up = std::chrono::milliseconds{options.warm_up_ms},
                  .duration = std::chrono::milliseconds{options.duration_ms},
                  .quota = options.quota};
    if (options.until_stopped) {
        stop_at_sigterm();
        timing.duration = std::chrono::hours{1};
        timing.stop = &stopped;
        timing.on_measuring = [] {
            std::puts("measuring");
            std::fflush(stdout);
        };
    }
    for (const auto& name : options.scenarios) {
        const auto measured = run_scenario(target, parse_scenario(name), workload, timing);
        if (measured->latencies.count() == 0) {
            throw std::runtime_error{name + ": not one answer in the time given"};
        }
        print(name, *measured);
    }
}

}  // namespace
}  // namespace tenantry::bench

int main(int argc, char** argv) {
    CLI::App app{"Loads a server with requests whose answers are known, and checks every answer."};
    tenantry::bench::Options options;
    app.add_option("--port", options.port, "the server's port on 127.0.0.1")->required();
    app.add_option("--pid", options.pid, "the server's process, for its CPU time")->required();
    app.add_option("--database-pid", options.database_pid,
                   "the database's first process, for the CPU time of that and its children");
    app.add_flag("--postgrest", options.postgrest,
                 "the server is PostgREST: only get and page can be measured");
    app.add_option(
        "--rest", options.rest,
        "ask as PostgREST's clients do, for relations under this path: get, page, embed, "
        "insert and upsert");
    app.add_option("--data", options.data, "folder with leads.tsv and tokens.tsv")->required();
    app.add_option("--prepare-ms", options.prepare_ms, "of mixed load before all scenarios")
        ->capture_default_str();
    app.add_option("--warm-up-ms", options.warm_up_ms, "before each scenario")
        ->capture_default_str();
    app.add_option("--duration-ms", options.duration_ms, "of each scenario")->capture_default_str();
    app.add_option("--seed", options.seed, "of the choice of tenants and leads")
        ->capture_default_str();
    app.add_option("--tenants", options.tenants,
                   "FROM-TO: only these, by their places in tokens.tsv, the first being 1");
    app.add_flag("--until-stopped", options.until_stopped,
                 "print a line when measuring begins, and measure until SIGTERM");
    app.add_flag("--quota", options.quota, "the tenants have a quota: count answers of 429 apart");
    app.add_option("scenarios", options.scenarios,
                   "get|page|create|update|mixed|dashboard|approvals|create-with-event|"
                   "pages-and-creates|embed|insert|upsert:CONNECTIONS[@REQUESTS-A-SECOND] …")
        ->required();
    CLI11_PARSE(app, argc, argv);
    try {
        tenantry::bench::run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_loadgen: %s\n", error.what());
        return 1;
    }
    return 0;
}
