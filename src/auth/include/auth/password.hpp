#pragma once
/// Passwords as they are kept: Argon2id (RFC 9106) in the form `$argon2id$v=19$m=…,t=…,p=…$…$…`,
/// which names its own costs, so that they can be raised later.

#include <string>
#include <string_view>

namespace tenantry::auth {

/// 19 MiB and two passes, the least that OWASP's cheat sheet names for Argon2id: what a server can
/// afford beside its work, some 20 ms.
inline constexpr unsigned long long password_passes = 2;
inline constexpr std::size_t password_memory_bytes = 19UL * 1024 * 1024;
/// Longer ones are refused rather than hashed, as work for nothing.
inline constexpr std::size_t password_bytes_max = 1024;

/// Blocking: to be run on a thread of its own. Throws std::bad_alloc. Threads: any.
std::string hash_password(std::string_view password);

/// Whether it is the password that `hash` was made of; of no hash (empty, or none of ours) it isn't
/// and takes just as long to find out. As hash_password.
bool is_password(std::string_view hash, std::string_view password);

}  // namespace tenantry::auth
