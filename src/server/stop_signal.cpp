#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "server/server.hpp"

#include <csignal>

namespace tenantry::server {

class StopSignal::Impl {
public:
    boost::asio::io_context context{1};
    boost::asio::signal_set signals{context, SIGINT, SIGTERM, SIGHUP};
};

StopSignal::StopSignal() : impl_{std::make_unique<Impl>()} {}
StopSignal::~StopSignal() = default;

int StopSignal::wait(const std::function<void()>& on_hangup) {
    int number = SIGHUP;
    while (number == SIGHUP) {
        impl_->signals.async_wait(
            [&](const boost::system::error_code&, int received) { number = received; });
        impl_->context.restart();
        impl_->context.run();
        if (number == SIGHUP) on_hangup();
    }
    // From here on a signal does what it does by default: it ends the process.
    boost::system::error_code ignored;
    impl_->signals.clear(ignored);
    return number;
}

}  // namespace tenantry::server
