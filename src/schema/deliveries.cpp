#include "deliveries.hpp"

#include "base/limits.hpp"
#include "columns.hpp"

namespace tenantry::schema {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): the words that this file is written in
using namespace columns;

/// A secret of the server's own making.
Column issued_secret(std::string name) {
    return {std::move(name), ColumnType::sealed,
            Column::Options{.origin = Origin::server, .bytes_max = 1024}};
}

std::vector<std::string> recorded_relations(const Catalog& catalog) {
    std::vector<std::string> out;
    for (const auto& relation : catalog.relations()) {
        if (!relation->internal()) out.push_back(relation->name());
    }
    return out;
}

/// Some of `words`, or none, which means all of them.
Column some_of(std::string name, std::vector<std::string> words) {
    return {std::move(name), ColumnType::text_array,
            Column::Options{
                .nullable = false, .allowed = std::move(words), .default_value = TextArray{}}};
}

void add_webhooks(Catalog& catalog) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        {"url", ColumnType::text,
         Column::Options{.nullable = false, .format = Format::url, .bytes_max = 2048}},
        text("description"),
        some_of("relations", recorded_relations(catalog)),
        some_of("ops", {"insert", "update", "delete"}),
        one_of("status", {"active", "paused"}),
        issued_secret("secret"),
        // Signs beside the new one until then.
        issued_secret("old_secret"),
        of_server("old_secret_until", ColumnType::timestamptz),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& webhooks = catalog.add("webhooks", std::move(all));
    webhooks.add_index({"-created_at", "-id"});
    webhooks.set_internal();
}

/// One row a consumer, whose id is that of what it serves.
Relation& add_feed_consumers(Catalog& catalog) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        // Another one whenever somebody has changed what it serves, or where it is.
        {"version", ColumnType::uuid, Column::Options{.nullable = false, .origin = Origin::server}},
        // The place up to which everything was delivered. No epoch: of whatever feed there is.
        {"epoch", ColumnType::text, Column::Options{.origin = Origin::server, .bytes_max = 16}},
        count("seq"),
        // Where the message ends that was begun last, so that it is the same one when it is sent
        // again.
        of_server("message_end", ColumnType::integer),
        count("failures"),
        of_server("due_at", ColumnType::timestamptz),
        of_server("leased_by", ColumnType::uuid),
        of_server("leased_until", ColumnType::timestamptz),
        of_server("delivered_at", ColumnType::timestamptz),
        of_server("last_error", ColumnType::text),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& consumers = catalog.add("feed_consumers", std::move(all));
    consumers.set_internal();
    return consumers;
}

void add_dead_letters(Catalog& catalog, const Relation& consumers) {
    std::vector<Column> all{
        tenant_id(),
        id(),
        {"consumer", ColumnType::uuid,
         Column::Options{.nullable = false, .origin = Origin::server}},
        required_text("message_id", 128),
        required_text("message", limits::letter_bytes_max),
        count("attempts"),
        of_server("last_error", ColumnType::text),
        written_at("created_at"),
        written_at("updated_at"),
    };
    auto& letters = catalog.add("dead_letters", std::move(all));
    letters.add_index({"consumer", "-created_at", "-id"});
    letters.add_foreign_key("consumer", consumers, OnDelete::cascade);
    letters.set_internal();
}

}  // namespace

void add_deliveries(Catalog& catalog) {
    add_webhooks(catalog);
    add_dead_letters(catalog, add_feed_consumers(catalog));
}

}  // namespace tenantry::schema
