#pragma once
/// Leaves nothing of a secret in memory.

#include <string>

namespace tenantry::mail {

/// Empties `bytes` and overwrites what they were, wherever the string keeps them.
void wipe(std::string& bytes) noexcept;

}  // namespace tenantry::mail
