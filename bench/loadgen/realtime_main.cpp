// bench_realtime: subscribes to one server's changes, makes them, and prints a line of JSON on what
// came when. Exit code 1 if the server refuses something or sends what was not asked for; what is
// lost, doubled or leaked is counted.

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "realtime.hpp"
#include "until_sigterm.hpp"

namespace tenantry::bench {
namespace {

struct Options {
    RealtimeTarget target{};
    std::string data;
    std::size_t subscribers = 1000;
    unsigned rate = 200;
    unsigned warm_up_ms = 2000;
    unsigned duration_ms = 10'000;
    std::uint64_t seed = 1;
    bool idle = false;
};

double in_s(std::chrono::nanoseconds time) { return in_us(time) / 1e6; }

void print(const std::string& name, const Histogram& latencies) {
    std::printf(R"("%s":{"count":%llu,"p50_us":%.1f,"p99_us":%.1f,"max_us":%.1f},)", name.c_str(),
                static_cast<unsigned long long>(latencies.count()), in_us(latencies.quantile(0.5)),
                in_us(latencies.quantile(0.99)), in_us(latencies.max()));
}

void print(const RealtimeMeasurement& measured) {
    const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf("{");
    print("delivered", measured.delivered);
    print("answered", measured.answered);
    print("made_late", measured.made_late);
    std::printf(R"("changes":%llu,"elapsed_s":%.3f,"delivered_bytes":%llu,)",
                count(measured.changes), in_s(measured.elapsed), count(measured.delivered_bytes));
    std::printf(
        R"("server_cpu_s":%.3f,"database_cpu_s":%.3f,"loadgen_cpu_s":%.3f,"other_cpu_s":%.3f,)",
        in_s(measured.server_cpu), in_s(measured.database_cpu), in_s(measured.own_cpu),
        in_s(measured.other_cpu));
    const auto& counts = measured.counts;
    std::printf(R"("expected":%llu,"got":%llu,"lost":%llu,"doubled":%llu,"leaked":%llu})"
                "\n",
                count(counts.expected), count(counts.got), count(counts.lost()),
                count(counts.doubled), count(counts.leaked));
    std::fflush(stdout);
}

void run(const Options& options) {
    const auto tenants = read_dataset(options.data);
    if (options.subscribers % tenants.size() != 0) {
        throw std::runtime_error{"subscribers are as many of each tenant, of which there are " +
                                 std::to_string(tenants.size())};
    }
    const auto of_each = options.subscribers / tenants.size();
    if (options.idle) {
        stop_at_sigterm();
        hold_subscribers(options.target.port, tenants, of_each, stopped, [] {
            std::puts("joined");
            std::fflush(stdout);
        });
        return;
    }
    print(*measure_realtime(options.target, tenants,
                            {.subscribers = of_each,
                             .changes_a_second = options.rate,
                             .warm_up = std::chrono::milliseconds{options.warm_up_ms},
                             .duration = std::chrono::milliseconds{options.duration_ms},
                             .seed = options.seed}));
}

}  // namespace
}  // namespace tenantry::bench

int main(int argc, char** argv) {
    CLI::App app{"Subscribes to changes, makes them, and measures and checks their delivery."};
    tenantry::bench::Options options;
    app.add_option("--port", options.target.port, "the server's port on 127.0.0.1")->required();
    app.add_option("--pid", options.target.pid, "the server's process, for its CPU time")
        ->required();
    app.add_option("--database-pid", options.target.database_pid,
                   "the database's first process, for the CPU time of that and its children");
    app.add_option("--data", options.data, "folder with leads.tsv and tokens.tsv")->required();
    app.add_option("--subscribers", options.subscribers, "in all, as many of each tenant")
        ->capture_default_str();
    app.add_option("--rate", options.rate, "changes a second")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option("--warm-up-ms", options.warm_up_ms)->capture_default_str();
    app.add_option("--duration-ms", options.duration_ms)->capture_default_str();
    app.add_option("--seed", options.seed,
                   "of the choice of tenants and leads; one for each run on the same data")
        ->capture_default_str();
    app.add_flag("--idle", options.idle,
                 "make no changes: print a line when all have joined, and stay until SIGTERM");
    CLI11_PARSE(app, argc, argv);
    try {
        tenantry::bench::run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_realtime: %s\n", error.what());
        return 1;
    }
    return 0;
}
