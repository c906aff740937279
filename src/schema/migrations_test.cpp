#include "schema/migrations.hpp"

#include "schema/lead_schema.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tenantry::schema {
namespace {

TEST(Migrations, AreNumberedFromOneWithoutGaps) {
    int expected = 1;
    for (const auto& migration : sqlite_migrations()) {
        EXPECT_EQ(migration.version, expected++);
        EXPECT_FALSE(migration.name.empty());
    }
    EXPECT_GT(expected, 1);
}

class MigratedDatabase : public testing::Test {
protected:
    using Row = std::vector<std::string>;

    void SetUp() override {
        sqlite3* opened = nullptr;
        ASSERT_EQ(sqlite3_open(":memory:", &opened), SQLITE_OK);
        database_.reset(opened);
        for (const auto& migration : sqlite_migrations()) query(std::string{migration.sql});
    }

    std::vector<Row> query(const std::string& sql) {
        std::vector<Row> rows;
        char* message = nullptr;
        const auto collect = [](void* out, int count, char** values, char**) {
            Row row;
            for (int i = 0; i < count; ++i) row.emplace_back(values[i] == nullptr ? "" : values[i]);
            static_cast<std::vector<Row>*>(out)->push_back(std::move(row));
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(database_.get(), sql.c_str(), collect, &rows, &message), SQLITE_OK)
            << (message == nullptr ? "" : message);
        sqlite3_free(message);
        return rows;
    }

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
    };
    std::unique_ptr<sqlite3, Close> database_;
};

std::string stored_as(ColumnType type) {
    switch (type) {
    case ColumnType::integer:
    case ColumnType::numeric:
    case ColumnType::boolean:
    case ColumnType::timestamptz: return "INTEGER";
    case ColumnType::text:
    case ColumnType::uuid:
    case ColumnType::json:
    case ColumnType::text_array:
    case ColumnType::sealed: return "TEXT";
    case ColumnType::native: break;
    }
    return "";
}

TEST_F(MigratedDatabase, HoldsEveryColumnOfTheCatalogAsItIsStored) {
    for (const auto& relation : lead_catalog().relations()) {
        std::vector<Row> expected;
        for (const auto& column : relation->columns()) {
            expected.push_back(
                {column.name(), stored_as(column.type()), column.nullable() ? "0" : "1"});
        }
        EXPECT_EQ(query("SELECT name, type, \"notnull\" FROM pragma_table_info('t_" +
                        relation->name() + "')"),
                  expected)
            << relation->name();
    }
}

TEST_F(MigratedDatabase, EveryIndexOfATenantRelationLeadsWithTheTenant) {
    const auto leading = query(
        "SELECT i.name, c.name FROM sqlite_schema AS t, pragma_index_list(t.name) AS i, "
        "pragma_index_info(i.name) AS c "
        "WHERE t.type = 'table' AND t.name GLOB 't_*' AND c.seqno = 0");
    EXPECT_GE(leading.size(), 10U);
    for (const auto& row : leading) EXPECT_EQ(row[1], "tenant_id") << row[0];
}

TEST_F(MigratedDatabase, HasAnIndexForEachOfTheCatalog) {
    for (const auto& relation : lead_catalog().relations()) {
        std::map<std::string, std::string> columns;  // by index, "tenant_id status -created_at"
        for (const auto& row : query(
                 "SELECT i.name, c.name, c.\"desc\" FROM pragma_index_list('t_" + relation->name() +
                 "') AS i, pragma_index_xinfo(i.name) AS c WHERE c.key = 1 ORDER BY i.name, "
                 "c.seqno")) {
            columns[row[0]] += (row[2] == "1" ? " -" : " ") + row[1];
        }
        std::vector<std::string> found;
        found.reserve(columns.size());
        for (const auto& [name, list] : columns) found.push_back(list);
        for (const auto& index : relation->indexes()) {
            std::string wanted = " tenant_id";
            for (const auto& [column, descending] : index.columns)
                wanted += (descending ? " -" : " ") + column->name();
            EXPECT_NE(std::ranges::find(found, wanted), found.end())
                << relation->name() << ':' << wanted;
        }
        for (const auto& key : relation->unique_keys()) {
            std::string wanted = " tenant_id";
            for (const auto* column : key.columns) wanted += ' ' + column->name();
            EXPECT_NE(std::ranges::find(found, wanted), found.end())
                << relation->name() << ':' << wanted;
        }
    }
}

TEST_F(MigratedDatabase, ForeignKeysCarryTheTenant) {
    for (const auto& relation : lead_catalog().relations()) {
        std::map<std::string, std::string>
            keys;  // id and target, "tenant_id=tenant_id assigned_agent=id"
        for (const auto& row : query("SELECT id || ' ' || \"table\", \"from\", \"to\" FROM "
                                     "pragma_foreign_key_list('t_" +
                                     relation->name() + "') ORDER BY id, seq")) {
            keys[row[0].substr(row[0].find(' ') + 1) + ' ' + row[0].substr(0, row[0].find(' '))] +=
                ' ' + row[1] + '=' + row[2];
        }
        for (const auto& key : relation->foreign_keys()) {
            const auto wanted = " tenant_id=tenant_id " + key.column->name() + "=id";
            const bool found = std::ranges::any_of(keys, [&](const auto& entry) {
                return entry.first.starts_with("t_" + key.target->name() + ' ') &&
                       entry.second == wanted;
            });
            EXPECT_TRUE(found) << key.name;
        }
    }
}

TEST_F(MigratedDatabase, CountsFollowTheLeads) {
    const auto counts = [&] {
        return query("SELECT status, n FROM t_lead_counts WHERE n > 0 ORDER BY status");
    };
    query("INSERT INTO tenants (id, name, created_at, updated_at) VALUES ('a', 'A', 0, 0)");
    query(
        "INSERT INTO t_leads (tenant_id, id, first_name, created_at, updated_at) VALUES "
        "('a', '1', 'x', 0, 0), ('a', '2', 'y', 0, 0)");
    EXPECT_EQ(counts(), (std::vector<Row>{{"new", "2"}}));
    query("UPDATE t_leads SET status = 'closed' WHERE id = '1'");
    EXPECT_EQ(counts(), (std::vector<Row>{{"closed", "1"}, {"new", "1"}}));
    query("DELETE FROM t_leads WHERE id = '2'");
    EXPECT_EQ(counts(), (std::vector<Row>{{"closed", "1"}}));
}

}  // namespace
}  // namespace tenantry::schema
