#include "served_relations.hpp"

#include "engine/introspection.hpp"
#include "schema/lead_schema.hpp"

namespace tenantry::server {
namespace {

void add_name(std::string& names, const std::string& name) {
    if (!names.empty()) names += ',';
    names += name;
}

}  // namespace

Result<void> ServedRelations::load() {
    TENANTRY_TRY(found, engine::introspect(location_, schema::lead_catalog(), functions_));
    std::string names;
    for (const auto& relation : found.catalog->relations()) {
        if (relation->is_external()) add_name(names, relation->name());
    }
    for (const auto& view : found.catalog->views()) add_name(names, view->name());
    if (!names.empty()) log_.observe(RelationsFound{names});
    for (const auto& table : found.unfit) {
        for (const auto& finding : table.lacks)
            log_.observe(TableNotServed{finding.problem, finding.remedy});
    }
    names.clear();
    for (const auto& function : found.catalog->functions()) {
        // Once, however many there are of a name.
        if (found.catalog->find_function(function->name) == function.get())
            add_name(names, function->name);
    }
    if (!names.empty()) log_.observe(FunctionsFound{names});
    for (const auto& function : found.unfit_functions) {
        for (const auto& finding : function.lacks)
            log_.observe(FunctionNotServed{function.name, finding.problem, finding.remedy});
    }
    served_.set(std::move(found.catalog));
    return {};
}

void ServedRelations::reload() noexcept {
    try {
        const auto loaded = load();
        if (!loaded) log_.observe(RelationsUnknown{loaded.error().message});
    } catch (const std::exception& fault) {
        log_.observe(RelationsUnknown{fault.what()});
    }
}

}  // namespace tenantry::server
