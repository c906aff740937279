#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {

std::string version_text() { return "tenantry " TENANTRY_VERSION; }

void add_version(Command parent) {
    auto json = std::make_shared<bool>(false);
    parent.add("version", "Print the version of this program")
        .flag("--json", "Answer in JSON", *json)
        .action([json]() -> Result<ExitCode> {
            if (*json) {
                print(boost::json::serialize(boost::json::object{{"version", TENANTRY_VERSION}}) +
                      "\n");
            } else {
                print(version_text() + "\n");
            }
            return ExitCode::done;
        });
}

}  // namespace tenantry::cli
