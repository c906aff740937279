#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/process.hpp"
#include "engine/executor.hpp"

#include <fmt/format.h>

namespace {

std::string explain(const std::exception& fault) {
    if (dynamic_cast<const tenantry::engine::Fault*>(&fault) != nullptr) {
        return fmt::format(
            "the database is out of order ({}); what was acknowledged is kept. Try again, and if "
            "it stays so, check the "
            "disk and restore the file from a copy",
            fault.what());
    }
    return fault.what();
}

}  // namespace

int main(int argc, char** argv) {
    tenantry::cli::prepare_process();
    tenantry::cli::CommandLine command_line{
        "A multi-tenant backend for lead data: one program, one database file.",
        tenantry::cli::version_text(), explain};
    tenantry::cli::add_commands(command_line.root());
    return static_cast<int>(command_line.run(argc, argv));
}
