#pragma once
/// A database of its own, with connections as each of its roles.

#include "engine/any_database.hpp"
#include "engine/postgres/audit.hpp"
#include "engine/postgres/migrate.hpp"
#include "pg/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tenantry::engine::postgres {

class PostgresTest : public ::testing::Test {
protected:
    explicit PostgresTest(bool migrated = true)
        : cluster_{testing::PostgresCluster::instance()},
          name_{cluster_.create_database(migrated)} {}
    ~PostgresTest() override { cluster_.drop_database(name_); }

    pg::Url url(const std::string& role = "tenantry_app") const {
        return cluster_.url(name_, role);
    }
    pg::Client connect(const std::string& role = "tenantry_app") const {
        return pg::Client{{.url = url(role)}};
    }
    /// As the superuser.
    void script(const std::string& sql) const { cluster_.script(name_, sql); }
    /// The first cell of the first row, as text.
    std::string ask(const std::string& sql, const std::string& role = "postgres") const {
        auto client = connect(role);
        const auto answer = client.run("SELECT (" + sql + ")::text");
        return answer.rows.size() == 0 ? "" : pg::text_at(answer.rows, 0, 0);
    }
    /// The code that the server refuses a statement with, empty if it doesn't.
    static std::string refusal(pg::Client& client, const std::string& sql) {
        try {
            client.script(sql);
            return "";
        } catch (const pg::ClientError& error) {
            return error.failure().sqlstate;
        }
    }

    testing::PostgresCluster& cluster_;
    std::string name_;
};

}  // namespace tenantry::engine::postgres
