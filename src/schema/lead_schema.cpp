#include "schema/lead_schema.hpp"

#include "change_logs.hpp"
#include "columns.hpp"
#include "deliveries.hpp"
#include "lead_tallies.hpp"

namespace tenantry::schema {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): the words that this file is written in
using namespace columns;

Relation& add_agents(Catalog& catalog) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        required_text("name", 255),
        email(false),
        text("phone", 64),
        text("license_number", 64),
        text("brokerage", 255),
        text_array("specialties"),
        {"active_leads", ColumnType::integer,
         Column::Options{
             .nullable = false, .origin = Origin::server, .default_value = std::int64_t{0}}},
        {"conversion_rate", ColumnType::numeric,
         Column::Options{.nullable = false,
                         .origin = Origin::server,
                         .precision = 5,
                         .scale = 2,
                         .default_value = Decimal{0, 2}}},
        one_of("status", {"active", "inactive"}),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& agents = catalog.add("agents", std::move(all));
    agents.add_unique_key({"email"});
    agents.add_index({"-created_at", "-id"});
    return agents;
}

Relation& add_leads(Catalog& catalog, const Relation& agents) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        required_text("first_name", 255),
        text("last_name", 255),
        email(true),
        text("phone", 64),
        text("property_address"),
        text("city", 255),
        text("province", 255),
        text("postal_code", 32),
        text("property_type", 64),
        text("price_range", 64),
        text("timeline", 64),
        text("source", 64),
        one_of("status", {"new", "contacted", "qualified", "converted", "closed"}),
        {"assigned_agent", ColumnType::uuid, Column::Options{}},
        numeric("score", 5, 2),
        text_array("tags"),
        json("metadata"),
        {"last_contacted_at", ColumnType::timestamptz, Column::Options{}},
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& leads = catalog.add("leads", std::move(all));
    leads.add_unique_key({"email"});
    leads.add_index({"-created_at", "-id"});
    leads.add_index({"status", "-created_at", "-id"});
    leads.add_index({"assigned_agent"});
    leads.add_foreign_key("assigned_agent", agents, OnDelete::release);
    leads.set_rollup(catalog.relation("lead_counts"), "status");
    return leads;
}

void add_events(Catalog& catalog, const Relation& agents, const Relation& leads) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        {"lead_id", ColumnType::uuid, Column::Options{.origin = Origin::client_once}},
        {"agent_id", ColumnType::uuid, Column::Options{.origin = Origin::client_once}},
        required_text("type", 64),
        text("source", 64),
        text("content", 64UL * 1024),
        json("data"),
        {"direction", ColumnType::text, Column::Options{.allowed = {"in", "out"}}},
        {"timestamp", ColumnType::timestamptz, Column::Options{.nullable = false}},
        json("metadata"),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& events = catalog.add("events", std::move(all));
    events.add_index({"lead_id", "-timestamp", "-id"});
    events.add_index({"-timestamp", "-id"});
    events.add_index({"agent_id"});
    events.add_foreign_key("lead_id", leads, OnDelete::cascade);
    events.add_foreign_key("agent_id", agents, OnDelete::release);
    events.set_append_only();
}

void add_contacts(Catalog& catalog, const Relation& leads) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        {"lead_id", ColumnType::uuid, Column::Options{}},
        required_text("channel", 64),
        required_text("identifier", 255),
        text("display_name", 255),
        flag("verified", false),
        json("metadata"),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& contacts = catalog.add("contacts", std::move(all));
    contacts.add_unique_key({"channel", "identifier"});
    contacts.add_index({"-created_at", "-id"});
    contacts.add_index({"lead_id"});
    contacts.add_foreign_key("lead_id", leads, OnDelete::cascade);
}

void add_icp_profiles(Catalog& catalog) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        required_text("name", 255),
        text("description", 4096),
        text_array("criteria_locations"),
        json("criteria_investment"),
        json("criteria_professional"),
        json("criteria_behavior"),
        text_array("criteria_platforms"),
        {"max_leads_per_day", ColumnType::integer,
         Column::Options{
             .nullable = false, .range = Range{1, 100'000}, .default_value = std::int64_t{50}}},
        text_or("discovery_frequency", 64, "daily"),
        share("confidence_threshold", Decimal{70, 2}),
        flag("exclude_duplicates", true),
        flag("enrichment_enabled", true),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& profiles = catalog.add("icp_profiles", std::move(all));
    profiles.add_unique_key({"name"});
    profiles.add_index({"-created_at", "-id"});
}

void add_identities(Catalog& catalog) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        required_text("platform", 64),
        text("profile_url", 2048),
        text_or("auth_status", 64, "unknown"),
        sealed("cookies"),
        sealed("credentials"),
        {"last_used_at", ColumnType::timestamptz, Column::Options{}},
        json("metadata"),
        written_at("created_at"),
        written_at("updated_at"),
    };
    catalog.add("identities", std::move(all)).add_index({"-created_at", "-id"});
}

void add_approvals(Catalog& catalog, const Relation& leads) {
    auto status = one_of("status", {"pending", "approved", "rejected", "sent", "failed"});
    auto status_options = status.options();
    status_options.origin = Origin::server;
    std::vector<Column> all{
        tenant_id(),
        id(),
        {"lead_id", ColumnType::uuid,
         Column::Options{.nullable = false, .origin = Origin::client_once}},
        {"type", ColumnType::text,
         Column::Options{.nullable = false, .allowed = {"message", "email", "call", "meeting"}}},
        text("channel", 64),
        text("subject"),
        text("content", 64UL * 1024),
        {"status", ColumnType::text, std::move(status_options)},
        share("ai_score"),
        of_server("reviewed_by", ColumnType::text, 255),
        of_server("reviewed_at", ColumnType::timestamptz),
        of_server("rejection_reason", ColumnType::text, 4096),
        of_server("sent_at", ColumnType::timestamptz),
        json("metadata"),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& approvals = catalog.add("approvals", std::move(all));
    approvals.add_index({"-created_at", "-id"});
    approvals.add_index({"status", "-created_at", "-id"});
    approvals.add_index({"lead_id", "-created_at", "-id"});
    approvals.add_index({"-reviewed_at", "-id"});
    approvals.add_foreign_key("lead_id", leads, OnDelete::cascade);
    approvals.set_rollup(catalog.relation("approval_counts"), "status");
}

void add_idempotency_keys(Catalog& catalog) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        required_text("key", 255),
        required_text("fingerprint", 64),
        {"answer", ColumnType::text,
         Column::Options{.nullable = false, .bytes_max = 16UL * 1024 * 1024}},
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& keys = catalog.add("idempotency_keys", std::move(all));
    keys.add_unique_key({"key"});
    keys.add_index({"created_at", "id"});
    keys.set_internal();
}

Catalog make_lead_catalog() {
    Catalog catalog;
    add_lead_tallies(catalog);
    add_change_logs(catalog);
    const auto& agents = add_agents(catalog);
    const auto& leads = add_leads(catalog, agents);
    add_events(catalog, agents, leads);
    add_contacts(catalog, leads);
    add_icp_profiles(catalog);
    add_identities(catalog);
    add_approvals(catalog, leads);
    add_idempotency_keys(catalog);
    add_deliveries(catalog);
    return catalog;
}

}  // namespace

const Catalog& lead_catalog() {
    static const Catalog catalog = make_lead_catalog();
    return catalog;
}

}  // namespace tenantry::schema
