#include "services/unified_database_manager.hpp"

#include "manager_fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace tenantry::services {
namespace {

namespace json = boost::json;
using engine::testing::no_deadline;
using engine::testing::wait_for;

class ManagerTest : public ManagerFixture {
protected:
    json::value row(const query::RowSet& rows, std::size_t at = 0) {
        return ManagerFixture::json(rows, at);
    }
    AgentId add_agent(std::string_view body) {
        return id_of<AgentId>(
            wait(manager_.create_agent(fields<NewAgent>(body), scope_, deadline)).value());
    }
    Page search(LeadCriteria criteria) {
        return wait(manager_.search_leads(scope_, std::move(criteria), deadline)).value();
    }
    std::string names(const Page& page) {
        std::string out;
        for (std::size_t i = 0; i < page.rows.row_count(); ++i)
            out += schema::to_text(page.rows.value(i, "first_name"));
        return out;
    }
};

TEST_F(ManagerTest, ALeadLivesFromCreationToDeletion) {
    const auto id = add_lead(R"({"first_name":"Ann","city":"Oslo"})");
    auto changed =
        wait_for(manager_.update_lead(
                     id, LeadChanges::parse(json::parse(R"({"status":"qualified"})")).value(),
                     scope_, no_deadline))
            .value();
    EXPECT_EQ(row(changed).at("status"), "qualified");
    EXPECT_EQ(row(changed).at("city"), "Oslo");
    auto replaced =
        wait_for(manager_.replace_lead(
                     id, LeadReplacement::parse(json::parse(R"({"first_name":"Eve"})")).value(),
                     scope_, no_deadline))
            .value();
    EXPECT_EQ(row(replaced).at("status"), "new");
    EXPECT_TRUE(row(replaced).at("city").is_null());
    EXPECT_EQ(row(wait_for(manager_.get_lead(id, scope_, no_deadline)).value()), row(replaced));
    wait_for(manager_.delete_lead(id, scope_, no_deadline)).value();
    EXPECT_EQ(wait_for(manager_.get_lead(id, scope_, no_deadline)).error().code, Errc::not_found);
}

TEST_F(ManagerTest, AnotherTenantsLeadIsAnsweredAsNobodys) {
    const auto id = add_lead(R"({"first_name":"Ann"})");
    const auto nobody = LeadId::from_uuid(new_uuid());
    const auto changes = LeadChanges::parse(json::parse(R"({"first_name":"taken"})")).value();
    const auto replacement =
        LeadReplacement::parse(json::parse(R"({"first_name":"taken"})")).value();
    for (const auto& which : {id, nobody}) {
        const auto expected = fail(Errc::not_found, "no lead has this id", "id");
        EXPECT_EQ(wait_for(manager_.get_lead(which, other_, no_deadline)).error(), expected);
        EXPECT_EQ(wait_for(manager_.update_lead(which, changes, other_, no_deadline)).error(),
                  expected);
        EXPECT_EQ(wait_for(manager_.replace_lead(which, replacement, other_, no_deadline)).error(),
                  expected);
        EXPECT_EQ(wait_for(manager_.delete_lead(which, other_, no_deadline)).error(), expected);
        EXPECT_EQ(wait_for(manager_.get_lead_events(which, other_, {}, no_deadline)).error(),
                  expected);
    }
    EXPECT_EQ(row(wait_for(manager_.get_lead(id, scope_, no_deadline)).value()).at("first_name"),
              "Ann");
}

TEST_F(ManagerTest, ABodyThatNamesAnotherTenantIsRefused) {
    const auto lead =
        NewLead::parse(json::parse(R"({"first_name":"x","tenant_id":"tenant-b"})")).value();
    EXPECT_EQ(wait_for(manager_.create_lead(lead, scope_, no_deadline)).error().code,
              Errc::tenant_mismatch);
    EXPECT_TRUE(wait_for(manager_.create_lead(lead, other_, no_deadline)));
}

TEST_F(ManagerTest, SearchFiltersSortsAndPagesWithATrueTotal) {
    for (int i = 0; i < 9; ++i) {
        add_lead(fmt::format(R"({{"first_name":"{}","status":"{}","city":"{}","source":"web"}})", i,
                             i % 2 == 0 ? "qualified" : "new", i < 5 ? "Oslo" : "Bergen"));
    }
    add_lead(R"({"first_name":"theirs","status":"qualified"})", other_);
    auto page = search({.status = "qualified",
                        .sort = "first_name",
                        .page = {.limit = PageSize::parse("2").value()}});
    EXPECT_EQ(names(page), "02");
    EXPECT_EQ(page.total, 5);
    page = search({.status = "qualified",
                   .sort = "first_name",
                   .page = {.limit = PageSize::parse("2").value(), .after = page.next}});
    EXPECT_EQ(names(page), "46");
    page = search({.status = "qualified",
                   .sort = "first_name",
                   .page = {.limit = PageSize::parse("2").value(), .after = page.next}});
    EXPECT_EQ(names(page), "8");
    EXPECT_EQ(page.next, std::nullopt);
    EXPECT_EQ(page.total, 5);
    EXPECT_EQ(search({.city = "Bergen", .page = {}}).total, 4);
    EXPECT_EQ(names(search({.source = "web", .sort = "-first_name", .page = {.offset = 7}})), "10");
    EXPECT_EQ(names(search({.search = "OSL", .sort = "first_name", .page = {}})), "01234");
}

TEST_F(ManagerTest, BadCriteriaAreNamed) {
    const auto refused = [&](LeadCriteria criteria) {
        return wait_for(manager_.search_leads(scope_, std::move(criteria), no_deadline)).error();
    };
    EXPECT_EQ(refused({.status = "lost", .page = {}}).field, "status");
    EXPECT_EQ(refused({.sort = "colour", .page = {}}).field, "sort");
    EXPECT_EQ(refused({.sort = "metadata", .page = {}}).field, "sort");
    EXPECT_EQ(refused({.page = {.after = "x"}}).code, Errc::bad_cursor);
    EXPECT_EQ(refused({.page = {.offset = 100'000'000}}).code, Errc::out_of_range);
    EXPECT_EQ(PageSize::parse("0").error().code, Errc::out_of_range);
    EXPECT_EQ(PageSize::parse("1001").error().code, Errc::out_of_range);
    EXPECT_EQ(PageSize::parse("99999999999").error().code, Errc::out_of_range);
    EXPECT_EQ(PageSize::parse("ten").error().code, Errc::bad_value);
}

TEST_F(ManagerTest, ACursorIsWorthNothingToAnotherTenant) {
    for (int i = 0; i < 3; ++i) add_lead(R"({"first_name":"x"})");
    const auto page = search({.page = {.limit = PageSize::parse("1").value()}});
    const auto error =
        wait_for(manager_.search_leads(other_, {.page = {.after = page.next}}, no_deadline))
            .error();
    EXPECT_EQ(error.code, Errc::bad_cursor);
}

TEST_F(ManagerTest, EventsOfALeadComeNewestFirst) {
    const auto id = add_lead(R"({"first_name":"Ann"})");
    for (const auto* when : {"2026-01-01", "2026-03-01", "2026-02-01"}) {
        const auto body = fmt::format(R"({{"lead_id":"{}","type":"{}","timestamp":"{}"}})",
                                      id.text(), when, when);
        ASSERT_TRUE(wait_for(manager_.create_event(NewEvent::parse(json::parse(body)).value(),
                                                   scope_, no_deadline)));
    }
    const auto page = wait_for(manager_.get_lead_events(id, scope_, {}, no_deadline)).value();
    EXPECT_EQ(page.total, 3);
    EXPECT_EQ(row(page.rows, 0).at("type"), "2026-03-01");
    EXPECT_EQ(row(page.rows, 2).at("type"), "2026-01-01");
}

TEST_F(ManagerTest, AgentsAreFoundByAddressAndLeaveTheirLeadsBehind) {
    const auto agent = add_agent(R"({"name":"Ann","email":"Ann@Example.com"})");
    const auto lead =
        add_lead(fmt::format(R"({{"first_name":"x","assigned_agent":"{}"}})", agent.text()));
    EXPECT_EQ(search({.assigned_agent = agent, .page = {}}).total, 1);
    EXPECT_EQ(
        row(wait_for(manager_.get_agent_by_email("ANN@example.com", scope_, no_deadline)).value())
            .at("id")
            .as_string(),
        agent.text());
    EXPECT_EQ(
        wait_for(manager_.get_agent_by_email("ann@example.com", other_, no_deadline)).error().code,
        Errc::not_found);
    wait_for(manager_.delete_agent(agent, scope_, no_deadline)).value();
    EXPECT_TRUE(row(wait_for(manager_.get_lead(lead, scope_, no_deadline)).value())
                    .at("assigned_agent")
                    .is_null());
    EXPECT_EQ(wait_for(manager_.list_agents(scope_, {}, no_deadline)).value().total, 0);
}

}  // namespace
}  // namespace tenantry::services
