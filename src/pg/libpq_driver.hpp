#pragma once
/// Driver over a real connection, which must be established and not yet in pipeline mode.

#include "libpq.hpp"
#include "pg/driver.hpp"

namespace tenantry::pg {

class LibpqDriver final : public Driver {
public:
    explicit LibpqDriver(ConnectionHandle connection);

    bool send_prepare(const std::string& name, const std::string& text) override;
    bool send_execute(const std::string& name, const Arguments& arguments) override;
    bool send_command(const std::string& text) override;
    bool send_sync() override;
    Flushed flush() override;
    bool consume() override;
    bool busy() override;
    Answer next() override;
    std::string last_error() const override;

    PGconn* handle() const noexcept { return connection_.get(); }

private:
    ConnectionHandle connection_;
    Arguments::Wire wire_;
};

}  // namespace tenantry::pg
