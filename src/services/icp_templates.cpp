#include "services/icp_templates.hpp"

namespace tenantry::services {

const std::string& icp_templates_json() {
    static const std::string json =
        R"({"templates":[)"
        R"({"name":"First-time buyers","description":"People who rent today and look for a first home.",)"
        R"("criteria_locations":[],"criteria_investment":{"budget_max":650000,"down_payment_share":0.1},)"
        R"("criteria_professional":{"employment":["permanent"]},)"
        R"("criteria_behavior":{"signals":["mortgage calculator","open house"]},)"
        R"("criteria_platforms":["facebook","instagram"],"max_leads_per_day":50,)"
        R"("discovery_frequency":"daily","confidence_threshold":0.70,"exclude_duplicates":true,)"
        R"("enrichment_enabled":true},)"
        R"({"name":"Property investors","description":"Owners of several units who buy for the return.",)"
        R"("criteria_locations":[],"criteria_investment":{"budget_min":500000,"units_min":2},)"
        R"("criteria_professional":{"roles":["investor","business owner"]},)"
        R"("criteria_behavior":{"signals":["cap rate","rental yield"]},)"
        R"("criteria_platforms":["linkedin","biggerpockets"],"max_leads_per_day":25,)"
        R"("discovery_frequency":"daily","confidence_threshold":0.80,"exclude_duplicates":true,)"
        R"("enrichment_enabled":true},)"
        R"({"name":"Downsizers","description":"Owners of large houses whose children have moved out.",)"
        R"("criteria_locations":[],"criteria_investment":{"equity_min":400000},)"
        R"("criteria_professional":{"life_stage":["retired","near retirement"]},)"
        R"("criteria_behavior":{"signals":["home valuation","condo search"]},)"
        R"("criteria_platforms":["facebook","email"],"max_leads_per_day":25,)"
        R"("discovery_frequency":"weekly","confidence_threshold":0.75,"exclude_duplicates":true,)"
        R"("enrichment_enabled":false}]})";
    return json;
}

}  // namespace tenantry::services
