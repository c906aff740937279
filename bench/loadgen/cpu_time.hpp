#pragma once

#include <sys/types.h>

#include <chrono>

namespace tenantry::bench {

/// User and system time of a process so far, all threads, in the kernel's ticks of 10 ms.
/// Throws: std::runtime_error if there is no such process.
std::chrono::nanoseconds cpu_of(pid_t pid);

/// Of a process and its children, also of those that have ended: a database's backends come and go.
/// Throws: as cpu_of.
std::chrono::nanoseconds cpu_of_family(pid_t pid);

/// Of this process, all threads.
std::chrono::nanoseconds own_cpu();

/// Of everything that has run on this machine since its start.
/// Throws: std::runtime_error if the kernel doesn't tell.
std::chrono::nanoseconds cpu_of_machine();

}  // namespace tenantry::bench
