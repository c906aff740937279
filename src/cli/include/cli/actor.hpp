#pragma once

#include <string>

namespace tenantry::cli {

/// Who runs this command, for the audit log: `cli:<user name>`, or the number of a nameless user.
std::string actor();

}  // namespace tenantry::cli
