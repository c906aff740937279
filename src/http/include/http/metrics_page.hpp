#pragma once
/// What `/metrics` shows, and to whom.

#include <string>

namespace tenantry::http {

/// Threads: any, at the same time.
class MetricsPage {
public:
    virtual ~MetricsPage() = default;
    /// In Prometheus' text format, version 0.0.4.
    virtual std::string render() = 0;
};

/// Who may read it. Each but the first lets those in that the one before it does.
enum class MetricsAccess {
    off,        // the path isn't there
    operators,  // who shows an operator's key
    loopback,   // clients on this machine that no proxy speaks for
    on,         // everybody who reaches the server
};

}  // namespace tenantry::http
