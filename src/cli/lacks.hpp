#pragma once
/// What keeps things of a database from being served, for people and for programs.

#include "cli/context.hpp"
#include "engine/finding.hpp"

#include <string>
#include <vector>

namespace tenantry::cli {

/// A thing's name, and what it lacks; none: it is served.
struct Looked {
    std::string name;
    std::vector<engine::Finding> lacks{};
};

/// Prints what is wrong and how to mend it, or `fit`. The exit code says which.
ExitCode print_check(const Looked& looked, bool json, const std::string& fit);
/// Prints a line for each; `what` heads the names.
void print_list(const std::string& what, const std::vector<Looked>& all, bool json);

}  // namespace tenantry::cli
