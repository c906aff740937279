#include "program_test.hpp"

namespace tenantry::cli {
namespace {

class Tenants : public ProgramTest {
protected:
    std::string status(const std::string& id) const {
        return std::string{done_json({"tenant", "show", id}).at("status").as_string()};
    }
    std::size_t count() const { return done_json({"tenant", "list"}).as_array().size(); }
};

TEST_F(Tenants, AreMadeWithTheirDatabaseAndListed) {
    EXPECT_EQ(done({"tenant", "create", "acme", "--name", "Acme Realty"}), "Created tenant acme\n");
    EXPECT_EQ(done_json({"tenant", "create", "beta"}).at("name"), "beta")
        << "the id is the name by default";
    const auto list = done_json({"tenant", "list"}).as_array();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].at("id"), "acme");
    EXPECT_EQ(list[0].at("name"), "Acme Realty");
    EXPECT_EQ(list[0].at("status"), "active");
    EXPECT_TRUE(holds(done({"tenant", "list"}), {"ID", "acme  Acme Realty  active"}));
}

TEST_F(Tenants, AreMadeOnce) {
    done({"tenant", "create", "acme"});
    EXPECT_TRUE(holds(refused(1, {"tenant", "create", "acme"}),
                      {"exists already", "tenantry tenant show acme"}));
}

TEST_F(Tenants, HaveProperIdsAndNames) {
    for (const char* id : {"", "-x", ".x", "a b", "a/b", "é", "a\nb"}) {
        EXPECT_TRUE(holds(refused(2, {"tenant", "create", "--", id}), {"ID"})) << id;
    }
    refused(2, {"tenant", "create", std::string(256, 'a')});
    for (const std::string& name :
         {std::string{}, std::string{"a\x1b[2Jb"}, std::string{"\xFF"}, std::string(256, 'a')}) {
        EXPECT_TRUE(holds(refused(2, {"tenant", "create", "acme", "--name", name}),
                          {"--name: a name is 1 to 255 bytes"}));
    }
    EXPECT_EQ(folder_.names(), std::vector<std::string>{}) << "a usage error touches nothing";
}

TEST_F(Tenants, ShowTheirMembers) {
    done({"tenant", "create", "acme"});
    EXPECT_TRUE(holds(done({"user", "create", "--tenant", "acme", "--email", "Ann@acme.example",
                            "--name", "Ann", "--role", "admin"}),
                      {"ann@acme.example", "admin"}));
    const auto members = done_json({"tenant", "show", "acme"}).at("members").as_array();
    ASSERT_EQ(members.size(), 1U);
    EXPECT_EQ(members[0].at("email"), "ann@acme.example");
    EXPECT_EQ(members[0].at("role"), "admin");
    EXPECT_TRUE(
        holds(done({"tenant", "show", "acme"}), {"status   active", "EMAIL", "ann@acme.example"}));
}

TEST_F(Tenants, RefuseUsersThatAreOddOrThereAlready) {
    done({"tenant", "create", "acme"});
    const Arguments ann{"user",   "create", "--tenant", "acme",
                        "--role", "viewer", "--email",  "ann@acme.example"};
    done(ann);
    EXPECT_TRUE(holds(refused(1, ann), {"ann@acme.example exists in tenant acme already"}));
    EXPECT_TRUE(holds(
        refused(2, {"user", "create", "--tenant", "acme", "--role", "viewer", "--email", "ann"}),
        {"--email: "}));
    EXPECT_TRUE(holds(refused(2, {"user", "create", "--tenant", "acme", "--role", "king", "--email",
                                  "a@b.example"}),
                      {"--role: "}));
    EXPECT_TRUE(holds(refused(1, {"user", "create", "--tenant", "nowhere", "--role", "viewer",
                                  "--email", "a@b.example"}),
                      {"no tenant nowhere"}));
}

TEST_F(Tenants, AreSuspendedAndResumed) {
    done({"tenant", "create", "acme"});
    EXPECT_EQ(done({"tenant", "suspend", "acme"}), "Tenant acme is suspended\n");
    EXPECT_EQ(status("acme"), "suspended");
    for (const auto& command :
         {Arguments{"export", "--tenant", "acme"},
          Arguments{"token", "--tenant", "acme", "--user", "u", "--role", "viewer"},
          Arguments{"import", "leads", example("harborview-leads.csv"), "--tenant", "acme"}}) {
        EXPECT_TRUE(holds(refused(1, command), {"is suspended", "tenantry tenant resume acme"}));
    }
    EXPECT_EQ(done_json({"tenant", "resume", "acme"}).at("status"), "active");
}

TEST_F(Tenants, ThatAreUnknownAreCalledSo) {
    done({"tenant", "create", "acme"});
    for (const auto& command :
         {Arguments{"tenant", "show", "nowhere"}, Arguments{"tenant", "suspend", "nowhere"},
          Arguments{"tenant", "resume", "nowhere"},
          Arguments{"tenant", "delete", "nowhere", "--yes-delete", "nowhere"},
          Arguments{"export", "--tenant", "nowhere"},
          Arguments{"token", "--tenant", "nowhere", "--user", "u", "--role", "viewer"},
          Arguments{"import", "leads", example("harborview-leads.csv"), "--tenant", "nowhere"}}) {
        EXPECT_TRUE(holds(refused(1, command), {"no tenant nowhere", "tenantry tenant list"}));
    }
}

TEST_F(Tenants, AreDeletedWithAllTheirRowsAndNobodyElses) {
    for (const char* id : {"acme", "beta"}) {
        done({"tenant", "create", id});
        done({"user", "create", "--tenant", id, "--email", "ann@acme.example", "--role", "admin"});
        done({"import", "leads", example("harborview-leads.csv"), "--tenant", id});
    }
    const auto before = done({"export", "--tenant", "beta"});
    const auto deleted = done_json({"tenant", "delete", "acme", "--yes-delete", "acme"});
    EXPECT_EQ(deleted.at("deleted"), "acme");
    EXPECT_EQ(deleted.at("rows").at("leads"), 5000);
    EXPECT_EQ(deleted.at("rows").at("events"), 0);
    EXPECT_EQ(deleted.at("memberships"), 1);
    EXPECT_EQ(deleted.at("users"), 0) << "she is a member of beta too";
    EXPECT_EQ(deleted.at("scrubbed"), true);
    EXPECT_EQ(count(), 1U);
    EXPECT_EQ(done({"export", "--tenant", "beta"}), before);

    // Its id is free again, and empty.
    done({"tenant", "create", "acme"});
    EXPECT_EQ(done_json({"tenant", "show", "acme"}).at("members").as_array().size(), 0U);
    EXPECT_EQ(done({"export", "--tenant", "acme", "--format", "ndjson"}), "");
}

TEST_F(Tenants, AreDeletedOnlyWhenConfirmed) {
    done({"tenant", "create", "acme"});
    EXPECT_TRUE(holds(refused(1, {"tenant", "delete", "acme"}),
                      {"nothing was deleted", "--yes-delete acme"}));
    EXPECT_TRUE(holds(refused(1, {"tenant", "delete", "acme", "--yes-delete", "beta"}),
                      {"nothing was deleted"}));
    auto typed = launch({"tenant", "delete", "acme"});
    typed.input = "acme";  // not typed by anybody
    EXPECT_TRUE(holds(refused(1, typed), {"nothing was deleted"}));
    EXPECT_EQ(status("acme"), "active");
}

TEST_F(Tenants, AreDeletedWhenTheirIdIsTyped) {
    done({"tenant", "create", "acme", "--name", "Acme Realty"});
    auto typing = launch({"tenant", "delete", "acme"});
    typing.input = "ACME\n";
    const auto refusal = support::run_on_terminal(typing);
    EXPECT_EQ(refusal.code, 1);
    EXPECT_TRUE(holds(refusal.out, {"deletes the tenant acme (Acme Realty)", "Type its id",
                                    "nothing was deleted"}));
    EXPECT_EQ(count(), 1U);

    typing.input = "acme\n";
    const auto deletion = support::run_on_terminal(typing);
    EXPECT_EQ(deletion.code, 0) << deletion.out;
    EXPECT_TRUE(holds(deletion.out,
                      {"Deleted tenant acme", "receipt", "0 leads", "nothing is left in it"}));
    EXPECT_EQ(count(), 0U);
    EXPECT_TRUE(holds(done({"tenant", "list"}), {"no tenants yet"}));
}

}  // namespace
}  // namespace tenantry::cli
