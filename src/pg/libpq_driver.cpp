#include "libpq_driver.hpp"

#include <utility>

namespace tenantry::pg {
namespace {

constexpr int binary_results = 1;

}  // namespace

LibpqDriver::LibpqDriver(ConnectionHandle connection) : connection_{std::move(connection)} {
    // Its own notices would go to standard error, past the log.
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    PQsetnonblocking(connection_.get(), 1);
    PQenterPipelineMode(connection_.get());
}

bool LibpqDriver::send_prepare(const std::string& name, const std::string& text) {
    return PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr) == 1;
}

bool LibpqDriver::send_execute(const std::string& name, const Arguments& arguments) {
    arguments.fill(wire_);
    return PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(arguments.size()),
                               wire_.values.data(), wire_.lengths.data(), wire_.formats.data(),
                               binary_results) == 1;
}

bool LibpqDriver::send_command(const std::string& text) {
    return PQsendQueryParams(connection_.get(), text.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                             binary_results) == 1;
}

bool LibpqDriver::send_sync() { return PQpipelineSync(connection_.get()) == 1; }

Driver::Flushed LibpqDriver::flush() {
    switch (PQflush(connection_.get())) {
    case 0: return Flushed::all;
    case 1: return Flushed::some;
    default: return Flushed::broken;
    }
}

bool LibpqDriver::consume() { return PQconsumeInput(connection_.get()) == 1; }

bool LibpqDriver::busy() { return PQisBusy(connection_.get()) == 1; }

Answer LibpqDriver::next() { return answer_of(PQgetResult(connection_.get())); }

std::string LibpqDriver::last_error() const {
    std::string text{PQerrorMessage(connection_.get())};
    while (text.ends_with('\n')) text.pop_back();
    return text.empty() ? "the connection was closed" : text;
}

}  // namespace tenantry::pg
