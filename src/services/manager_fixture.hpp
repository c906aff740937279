#pragma once
/// For tests: a manager over a database of its own, and two tenants.

#include "engine/test_database.hpp"
#include "query/render.hpp"
#include "services/unified_database_manager.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace tenantry::services {

/// Seals by writing what it was given, so that a test can see it.
class VisibleSealer final : public Sealer {
public:
    Result<schema::Sealed> seal(const TenantScope& scope, const SealedPlace& place,
                                std::string_view plaintext) override {
        return schema::Sealed{prefix(scope, place) + std::string{plaintext}};
    }
    Result<std::string> unseal(const TenantScope& scope, const SealedPlace& place,
                               const schema::Sealed& sealed) override {
        const auto start = prefix(scope, place);
        if (!sealed.text.starts_with(start))
            return fail(Errc::bad_value, "it was not sealed for this place");
        return sealed.text.substr(start.size());
    }

private:
    static std::string prefix(const TenantScope& scope, const SealedPlace& place) {
        std::string out = scope.tenant().text() + "/" + place.column.name() + "/";
        append_uuid(out, place.row);
        return out + ":";
    }
};

class ManagerFixture : public ::testing::Test {
protected:
    template <class T>
    static T wait(boost::asio::awaitable<T> task) {
        return engine::testing::wait_for(std::move(task));
    }
    template <class Fields>
    static Fields fields(std::string_view body) {
        return Fields::parse(boost::json::parse(body)).value();
    }
    static boost::json::value json(const query::RowSet& rows, std::size_t at = 0) {
        std::string out;
        query::append_json_row(out, rows, at);
        return boost::json::parse(out);
    }
    static std::string text(const query::RowSet& rows, std::string_view column) {
        return schema::to_text(rows.value(0, column));
    }
    template <class Id>
    static Id id_of(const query::RowSet& rows) {
        return Id::from_uuid(std::get<Uuid>(rows.value(0, "id")));
    }
    LeadId add_lead(std::string_view body = R"({"first_name":"Ann"})") {
        return add_lead(body, scope_);
    }
    LeadId add_lead(std::string_view body, const TenantScope& scope) {
        return id_of<LeadId>(
            wait(manager_.create_lead(fields<NewLead>(body), scope, deadline)).value());
    }

    static constexpr auto deadline = engine::testing::no_deadline;
    engine::testing::TestDatabase database_;
    TenantScope scope_ = database_.scope("tenant-a");
    TenantScope other_ = database_.scope("tenant-b");
    VisibleSealer sealer_;
    UnifiedDatabaseManager manager_{database_.engine(), system_clock(), sealer_};
};

}  // namespace tenantry::services
