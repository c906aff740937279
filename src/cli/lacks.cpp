#include "lacks.hpp"

#include "cli/output.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tenantry::cli {
namespace {

namespace json = boost::json;

json::object json_of(const Looked& looked) {
    json::array lacks;
    for (const auto& finding : looked.lacks)
        lacks.push_back(json::object{{"problem", finding.problem}, {"mend", finding.remedy}});
    return {{"name", looked.name}, {"fit", looked.lacks.empty()}, {"lacks", lacks}};
}

std::string first_of(const std::vector<engine::Finding>& lacks) {
    if (lacks.empty()) return "-";
    if (lacks.size() == 1) return lacks.front().problem;
    return fmt::format("{}, and {} more", lacks.front().problem, lacks.size() - 1);
}

}  // namespace

ExitCode print_check(const Looked& looked, bool as_json, const std::string& fit) {
    const auto code = looked.lacks.empty() ? ExitCode::done : ExitCode::failed;
    if (as_json) {
        print(json::serialize(json_of(looked)) + "\n");
        return code;
    }
    if (looked.lacks.empty()) print(fit + "\n");
    for (const auto& finding : looked.lacks)
        print(fmt::format("{}\n    {}\n", finding.problem, finding.remedy));
    return code;
}

void print_list(const std::string& what, const std::vector<Looked>& all, bool as_json) {
    std::vector<std::vector<std::string>> rows{{what, "SERVED", "LACKS"}};
    json::array array;
    for (const auto& looked : all) {
        rows.push_back({looked.name, looked.lacks.empty() ? "yes" : "no", first_of(looked.lacks)});
        array.push_back(json_of(looked));
    }
    print(as_json ? json::serialize(array) + "\n" : table(rows));
}

}  // namespace tenantry::cli
