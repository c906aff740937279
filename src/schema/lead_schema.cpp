#include "schema/lead_schema.hpp"

namespace tenantry::schema {
namespace {

using Options = Column::Options;

Column tenant_id() {
    return {"tenant_id", ColumnType::text,
            Options{.nullable = false, .origin = Origin::server, .bytes_max = 255}};
}
Column id() {
    return {"id", ColumnType::uuid, Options{.nullable = false, .origin = Origin::server}};
}
Column written_at(std::string name) {
    return {std::move(name), ColumnType::timestamptz,
            Options{.nullable = false, .origin = Origin::server}};
}
Column text(std::string name, std::size_t bytes_max = 1024) {
    return {std::move(name), ColumnType::text, Options{.bytes_max = bytes_max}};
}
Column required_text(std::string name, std::size_t bytes_max = 1024) {
    return {std::move(name), ColumnType::text, Options{.nullable = false, .bytes_max = bytes_max}};
}
Column email(bool nullable) {
    return {"email", ColumnType::text,
            Options{.nullable = nullable, .format = Format::email, .bytes_max = 254}};
}
Column one_of(std::string name, std::vector<std::string> allowed) {
    Value first = allowed.front();
    return {
        std::move(name), ColumnType::text,
        Options{
            .nullable = false, .allowed = std::move(allowed), .default_value = std::move(first)}};
}
Column text_array(std::string name) {
    return {std::move(name), ColumnType::text_array,
            Options{.nullable = false, .bytes_max = 255, .default_value = TextArray{}}};
}
Column json(std::string name) {
    return {std::move(name), ColumnType::json,
            Options{.nullable = false, .bytes_max = 64UL * 1024, .default_value = Json{"{}"}}};
}
Column numeric(std::string name, std::uint8_t precision, std::uint8_t scale) {
    return {std::move(name), ColumnType::numeric, Options{.precision = precision, .scale = scale}};
}

Relation& add_agents(Catalog& catalog) {
    std::vector<Column> columns{
        tenant_id(),
        id(),
        required_text("name", 255),
        email(false),
        text("phone", 64),
        text("license_number", 64),
        text("brokerage", 255),
        text_array("specialties"),
        {"active_leads", ColumnType::integer,
         Options{.nullable = false, .origin = Origin::server, .default_value = std::int64_t{0}}},
        {"conversion_rate", ColumnType::numeric,
         Options{.nullable = false,
                 .origin = Origin::server,
                 .precision = 5,
                 .scale = 2,
                 .default_value = Decimal{0, 2}}},
        one_of("status", {"active", "inactive"}),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& agents = catalog.add("agents", std::move(columns));
    agents.add_unique_key({"email"});
    agents.add_index({"-created_at", "-id"});
    return agents;
}

Relation& add_leads(Catalog& catalog, const Relation& agents) {
    std::vector<Column> columns{
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
        {"assigned_agent", ColumnType::uuid, Options{}},
        numeric("score", 5, 2),
        text_array("tags"),
        json("metadata"),
        {"last_contacted_at", ColumnType::timestamptz, Options{}},
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& leads = catalog.add("leads", std::move(columns));
    leads.add_unique_key({"email"});
    leads.add_index({"-created_at", "-id"});
    leads.add_index({"status", "-created_at", "-id"});
    leads.add_index({"assigned_agent"});
    leads.add_foreign_key("assigned_agent", agents);
    leads.set_rollup("lead_counts", "status");
    return leads;
}

void add_events(Catalog& catalog, const Relation& agents, const Relation& leads) {
    std::vector<Column> columns{
        tenant_id(),
        id(),
        {"lead_id", ColumnType::uuid, Options{.origin = Origin::client_once}},
        {"agent_id", ColumnType::uuid, Options{.origin = Origin::client_once}},
        required_text("type", 64),
        text("source", 64),
        text("content", 64UL * 1024),
        json("data"),
        {"direction", ColumnType::text, Options{.allowed = {"in", "out"}}},
        {"timestamp", ColumnType::timestamptz, Options{.nullable = false}},
        json("metadata"),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& events = catalog.add("events", std::move(columns));
    events.add_index({"lead_id", "-timestamp", "-id"});
    events.add_index({"-timestamp", "-id"});
    events.add_index({"agent_id"});
    events.add_foreign_key("lead_id", leads);
    events.add_foreign_key("agent_id", agents);
    events.set_append_only();
}

Catalog make_lead_catalog() {
    Catalog catalog;
    const auto& agents = add_agents(catalog);
    const auto& leads = add_leads(catalog, agents);
    add_events(catalog, agents, leads);
    return catalog;
}

}  // namespace

const Catalog& lead_catalog() {
    static const Catalog catalog = make_lead_catalog();
    return catalog;
}

}  // namespace tenantry::schema
