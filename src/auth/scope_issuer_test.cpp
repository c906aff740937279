#include "auth/scope_issuer.hpp"

#include "test_tokens.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

namespace tenantry::auth {
namespace {

using test_tokens::at_second;
using test_tokens::hand_signed;
using test_tokens::make_secret;
using test_tokens::plain_header;

static_assert(!std::is_default_constructible_v<TenantScope>);
static_assert(!std::is_constructible_v<TenantScope, TenantId, Role, std::string>);

/// Tenants and users as a test puts them.
class FakeDirectory final : public Directory {
public:
    Standing standing(const TenantId& tenant, std::string_view subject) override {
        ++reads;
        Standing standing;
        if (const auto found = tenants.find(tenant.text()); found != tenants.end()) {
            standing.tenant = found->second;
        }
        standing.is_user = users.contains(std::string{subject});
        if (const auto found = memberships.find({std::string{subject}, tenant.text()});
            found != memberships.end()) {
            standing.membership = found->second;
        }
        return standing;
    }

    std::map<std::string, TenantStatus> tenants{};
    std::set<std::string> users{};
    std::map<std::pair<std::string, std::string>, Role> memberships{};
    int reads = 0;
};

/// Knows what it has been told of late, and how it is at the cost of a wait.
class FarDirectory final : public Directory {
public:
    Standing standing(const TenantId&, std::string_view) override { return now; }
    Recalled<Standing> recall(const TenantId&, std::string_view) override { return remembered; }
    MaybeKey key(std::string_view) override { return key_now; }
    Recalled<MaybeKey> recall_key(std::string_view) override { return key_remembered; }

    Standing now{.tenant = TenantStatus::active};
    std::optional<Standing> remembered{};
    MaybeKey key_now{};
    std::optional<MaybeKey> key_remembered{};
};

/// Tenants open, closed (suspended) and leaving (being deleted); "gone" is none. The users admin,
/// member and watcher have that role in all three; loner is a user without membership, stranger no
/// user at all.
class ScopeIssuerTest : public ::testing::Test {
protected:
    ScopeIssuerTest() {
        directory.tenants = {{"open", TenantStatus::active},
                             {"closed", TenantStatus::suspended},
                             {"leaving", TenantStatus::deleting}};
        directory.users = {"admin", "member", "watcher", "loner"};
        for (const std::string tenant : {"open", "closed", "leaving"}) {
            directory.memberships[{"admin", tenant}] = Role::admin;
            directory.memberships[{"member", tenant}] = Role::operator_;
            directory.memberships[{"watcher", tenant}] = Role::viewer;
        }
    }

    /// Empty texts leave the claim, or the header, out.
    Result<TenantScope> ask(std::string_view subject, std::string_view role, std::string_view named,
                            std::string_view selected) {
        std::string claims = R"({"exp":1000,"sub":")" + std::string{subject} + '"';
        if (!role.empty()) claims += R"(,"role":")" + std::string{role} + '"';
        if (!named.empty()) claims += R"(,"tenant_id":")" + std::string{named} + '"';
        claims += '}';
        const auto header = selected.empty() ? std::nullopt : std::optional{selected};
        return issuer.from_token(hand_signed(plain_header, claims), header, at_second(1));
    }

    static std::string outcome(const Result<TenantScope>& result) {
        if (!result) return std::string{code_of(result.error().code)};
        return std::string{name_of(result->role())} + " of " + result->tenant().text();
    }

    FakeDirectory directory;
    TokenVerifier verifier{make_secret()};
    ScopeIssuer issuer{verifier, directory};
};

TEST_F(ScopeIssuerTest, TokenIsRequired) {
    const auto refused = issuer.from_token("", "open", at_second(1));
    EXPECT_EQ(refused.error().code, Errc::token_missing);
    EXPECT_EQ(directory.reads, 0);
}

TEST_F(ScopeIssuerTest, TokenIsVerifiedBeforeAnythingElse) {
    const auto token =
        hand_signed(plain_header, R"({"sub":"member","tenant_id":"open","exp":1000})");
    EXPECT_EQ(outcome(issuer.from_token(token, {}, at_second(999))), "operator of open");
    directory.reads = 0;
    EXPECT_EQ(outcome(issuer.from_token(token, {}, at_second(1000))), "token_expired");
    EXPECT_EQ(outcome(issuer.from_token(token + "A", {}, at_second(1))), "token_invalid");
    EXPECT_EQ(outcome(issuer.from_token(" " + token, {}, at_second(1))), "token_invalid");
    EXPECT_EQ(outcome(issuer.from_token("open", "open", at_second(1))), "token_invalid");
    EXPECT_EQ(directory.reads, 0);
}

TEST_F(ScopeIssuerTest, WithoutTenantTheTextIsTheAgreedOne) {
    EXPECT_EQ(ask("member", "operator", "", "").error(),
              (Error{.code = Errc::tenant_required, .message = "Tenant context required"}));
    EXPECT_EQ(ask("stranger", "", "", "").error(),
              (Error{.code = Errc::tenant_required, .message = "Tenant context required"}));
    EXPECT_EQ(directory.reads, 0);
}

TEST_F(ScopeIssuerTest, ScopeSaysWhoActsForWhom) {
    const auto scope = ask("member", "operator", "open", "");
    ASSERT_TRUE(scope);
    EXPECT_EQ(scope->tenant(), TenantId::parse("open").value());
    EXPECT_EQ(scope->role(), Role::operator_);
    EXPECT_EQ(scope->principal(), "member");
}

TEST_F(ScopeIssuerTest, HeaderSelectsAndNeverGrants) {
    struct Case {
        std::string_view subject, named, selected, outcome;
    };
    const Case cases[] = {
        // the token names the tenant
        {"member", "open", "", "operator of open"},
        {"member", "open", "open", "operator of open"},
        {"stranger", "open", "", "viewer of open"},
        {"stranger", "open", "open", "viewer of open"},
        {"loner", "open", "", "not_a_member"},
        {"loner", "open", "open", "not_a_member"},
        // the header disagrees, rightly or wrongly
        {"member", "open", "closed", "tenant_mismatch"},
        {"member", "closed", "open", "tenant_mismatch"},
        {"member", "gone", "open", "tenant_mismatch"},
        {"stranger", "open", "gone", "tenant_mismatch"},
        {"member", "open", "Open", "tenant_mismatch"},
        {"loner", "open", "closed", "tenant_mismatch"},
        // the header is no tenant id
        {"member", "open", " open", "tenant_mismatch"},
        {"member", "open", "open,open", "tenant_mismatch"},
        {"member", "", "open ", "tenant_mismatch"},
        {"member", "", "..", "tenant_mismatch"},
        {"stranger", "", "' OR 1=1 --", "tenant_mismatch"},
        // the header alone
        {"member", "", "open", "operator of open"},
        {"watcher", "", "open", "viewer of open"},
        {"loner", "", "open", "not_a_member"},
        {"stranger", "", "open", "not_a_member"},
        {"member", "", "gone", "not_a_member"},
        {"stranger", "", "gone", "not_a_member"},
        // status
        {"member", "closed", "", "tenant_unavailable"},
        {"member", "leaving", "", "tenant_unavailable"},
        {"member", "", "closed", "tenant_unavailable"},
        {"member", "", "leaving", "tenant_unavailable"},
        {"stranger", "closed", "", "tenant_unavailable"},
        {"stranger", "leaving", "", "tenant_unavailable"},
        {"stranger", "gone", "", "tenant_unavailable"},
        {"member", "gone", "", "not_a_member"},
        {"loner", "closed", "", "not_a_member"},
        {"loner", "", "closed", "not_a_member"},
        {"stranger", "", "leaving", "not_a_member"},
    };
    for (const auto& [subject, named, selected, expected] : cases) {
        EXPECT_EQ(outcome(ask(subject, "", named, selected)), expected)
            << subject << ", token names '" << named << "', header '" << selected << "'";
    }
}

TEST_F(ScopeIssuerTest, EmptyHeaderIsNoTenantId) {
    const auto token =
        hand_signed(plain_header, R"({"sub":"member","tenant_id":"open","exp":1000})");
    EXPECT_EQ(outcome(issuer.from_token(token, "", at_second(1))), "tenant_mismatch");
    EXPECT_EQ(issuer.from_token(token, std::string(256, 'a'), at_second(1)).error().field,
              "x-tenant-id");
}

TEST_F(ScopeIssuerTest, RoleIsTheLowerOfTokenAndMembership) {
    struct Case {
        std::string_view role, admin, member, watcher, stranger;  // what each gets
    };
    constexpr std::string_view no = "role_insufficient";
    const Case cases[] = {
        {"", "admin of open", "operator of open", "viewer of open", "viewer of open"},
        {"authenticated", "admin of open", "operator of open", "viewer of open",
         "operator of open"},
        {"viewer", "viewer of open", "viewer of open", "viewer of open", "viewer of open"},
        {"operator", "operator of open", "operator of open", "viewer of open", "operator of open"},
        {"admin", "admin of open", "operator of open", "viewer of open", "admin of open"},
        {"owner", "admin of open", "operator of open", "viewer of open", "owner of open"},
        {"anon", no, no, no, no},
        {"service_role", "admin of open", "operator of open", "viewer of open", "admin of open"},
        {"supabase_admin", no, no, no, no},
        {"Owner", no, no, no, no},
        {"owner ", no, no, no, no},
        {"operator_", no, no, no, no},
        {"authenticated,owner", no, no, no, no},
    };
    for (const auto& [role, admin, member, watcher, stranger] : cases) {
        EXPECT_EQ(outcome(ask("admin", role, "open", "")), admin) << role;
        EXPECT_EQ(outcome(ask("admin", role, "", "open")), admin) << role;
        EXPECT_EQ(outcome(ask("member", role, "open", "open")), member) << role;
        EXPECT_EQ(outcome(ask("member", role, "", "open")), member) << role;
        EXPECT_EQ(outcome(ask("watcher", role, "open", "")), watcher) << role;
        EXPECT_EQ(outcome(ask("watcher", role, "", "open")), watcher) << role;
        EXPECT_EQ(outcome(ask("stranger", role, "open", "")), stranger) << role;
    }
}

struct Question {
    std::string subject, role, named, selected;
};

std::vector<Question> all_questions() {
    std::vector<Question> questions{{}};
    // Each pass replaces the questions so far by their combinations with the choices of one part.
    const auto combine = [&](std::string Question::* part,
                             const std::vector<std::string>& choices) {
        std::vector<Question> combined;
        combined.reserve(questions.size() * choices.size());
        for (const Question& question : questions) {
            for (const std::string& choice : choices) {
                combined.push_back(question);
                combined.back().*part = choice;
            }
        }
        questions = std::move(combined);
    };
    combine(&Question::subject, {"admin", "member", "watcher", "loner", "stranger"});
    combine(&Question::role, {"", "authenticated", "viewer", "operator", "admin", "owner", "anon"});
    combine(&Question::named, {"", "open", "closed", "leaving", "gone"});
    combine(&Question::selected, {"", "open", "closed", "leaving", "gone", "no id"});
    return questions;
}

// Every combination, against what must hold whatever the details.
TEST_F(ScopeIssuerTest, NoCombinationGrantsMoreThanTokenAndMembershipDo) {
    int granted = 0;
    for (const auto& [subject, role, named, selected] : all_questions()) {
        const auto scope = ask(subject, role, named, selected);
        if (!scope) continue;
        ++granted;
        SCOPED_TRACE(::testing::Message()
                     << subject << "/" << role << "/" << named << "/" << selected);
        EXPECT_EQ(scope->tenant().text(), "open");
        EXPECT_TRUE(named == "open" || (named.empty() && selected == "open"));
        EXPECT_TRUE(selected == "open" || selected.empty());
        EXPECT_NE(role, "anon");
        EXPECT_EQ(scope->principal(), subject);
        EXPECT_FALSE(scope->may_purge());
        const auto membership = directory.memberships.find({subject, "open"});
        if (membership != directory.memberships.end()) {
            EXPECT_LE(scope->role(), membership->second);
        } else {
            EXPECT_EQ(subject, "stranger");
            EXPECT_EQ(named, "open");
        }
        if (const auto claimed = parse_role(role)) {
            EXPECT_LE(scope->role(), *claimed);
        }
    }
    // Three members by six roles: named, named and selected, selected. The stranger: the first two.
    EXPECT_EQ(granted, 3 * 6 * 3 + 6 * 2);
}

TEST_F(ScopeIssuerTest, RefusalTellsOutsidersNothingAboutATenant) {
    for (const std::string subject : {"loner", "stranger"}) {
        for (const std::string role : {"", "authenticated", "owner", "anon"}) {
            const auto reference = ask(subject, role, "", "gone").error();
            for (const std::string tenant : {"open", "closed", "leaving"}) {
                EXPECT_EQ(ask(subject, role, "", tenant).error(), reference)
                    << subject << role << tenant;
            }
        }
    }
    const auto reference = ask("loner", "", "gone", "").error();
    for (const std::string tenant : {"open", "closed", "leaving"}) {
        EXPECT_EQ(ask("loner", "", tenant, "").error(), reference) << tenant;
    }
    EXPECT_EQ(ask("loner", "", "", "open").error(), reference);
}

TEST_F(ScopeIssuerTest, UnavailableTenantsHaveOneText) {
    const auto reference = ask("stranger", "", "gone", "").error();
    EXPECT_EQ(reference.code, Errc::tenant_unavailable);
    EXPECT_EQ(ask("stranger", "", "closed", "").error(), reference);
    EXPECT_EQ(ask("stranger", "", "leaving", "").error(), reference);
    EXPECT_EQ(ask("member", "", "closed", "").error(), reference);
    EXPECT_EQ(ask("member", "", "", "leaving").error(), reference);
    for (const std::string tenant : {"gone", "closed", "leaving"}) {
        EXPECT_EQ(issuer.for_job(TenantId::parse(tenant).value(), "import").error(), reference);
    }
}

TEST_F(ScopeIssuerTest, RoleWithoutAccessTellsNothingAboutATenantEither) {
    const auto reference = ask("stranger", "anon", "gone", "").error();
    EXPECT_EQ(reference.code, Errc::role_insufficient);
    for (const std::string subject : {"admin", "loner", "stranger"}) {
        for (const std::string tenant : {"open", "closed", "leaving", "gone"}) {
            EXPECT_EQ(ask(subject, "anon", tenant, "").error(), reference) << subject << tenant;
            EXPECT_EQ(ask(subject, "anon", "", tenant).error(), reference) << subject << tenant;
        }
    }
}

TEST_F(ScopeIssuerTest, ErrorsRepeatNothingOfTheRequest) {
    for (const std::string named : {"", "open", "closed", "gone"}) {
        for (const std::string selected : {"", "closed", "gone", "no id"}) {
            for (const std::string subject : {"loner-7f3a", "stranger-7f3a"}) {
                directory.users.insert("loner-7f3a");
                const auto scope = ask(subject, "", named, selected);
                if (scope) continue;
                for (const std::string& text : {subject, std::string{"closed"}, std::string{"gone"},
                                                std::string{test_tokens::test_secret}}) {
                    EXPECT_THAT(scope.error().message, ::testing::Not(::testing::HasSubstr(text)));
                }
            }
        }
    }
}

TEST_F(ScopeIssuerTest, SuspensionAndRemovalTakeEffectAtTheNextRequest) {
    EXPECT_EQ(outcome(ask("member", "", "open", "")), "operator of open");
    directory.tenants["open"] = TenantStatus::suspended;
    EXPECT_EQ(outcome(ask("member", "", "open", "")), "tenant_unavailable");
    directory.tenants["open"] = TenantStatus::active;
    directory.memberships[{"member", "open"}] = Role::viewer;
    EXPECT_EQ(outcome(ask("member", "", "open", "")), "viewer of open");
    directory.memberships.erase({"member", "open"});
    EXPECT_EQ(outcome(ask("member", "", "open", "")), "not_a_member");
}

TEST_F(ScopeIssuerTest, JobsActAsOperatorsOfActiveTenants) {
    const auto scope = issuer.for_job(TenantId::parse("open").value(), "import");
    ASSERT_TRUE(scope);
    EXPECT_EQ(scope->tenant().text(), "open");
    EXPECT_EQ(scope->role(), Role::operator_);
    EXPECT_EQ(scope->principal(), "job:import");
    EXPECT_FALSE(scope->may_purge());
}

TEST_F(ScopeIssuerTest, RemovalIsForTenantsBeingDeleted) {
    const auto scope = issuer.for_removal(TenantId::parse("leaving").value());
    ASSERT_TRUE(scope);
    EXPECT_EQ(scope->tenant().text(), "leaving");
    EXPECT_EQ(scope->role(), Role::owner);
    EXPECT_EQ(scope->principal(), "removal");
    EXPECT_TRUE(scope->may_purge());
    for (const std::string tenant : {"open", "closed", "gone"}) {
        EXPECT_EQ(outcome(issuer.for_removal(TenantId::parse(tenant).value())),
                  "tenant_unavailable");
    }
}

TEST_F(ScopeIssuerTest, AnArchiveIsReadOfTenantsThatAreNotGoing) {
    const auto scope = issuer.for_archive(TenantId::parse("closed").value());
    ASSERT_TRUE(scope);
    EXPECT_EQ(scope->tenant().text(), "closed");
    EXPECT_EQ(scope->role(), Role::viewer);
    EXPECT_EQ(scope->principal(), "job:archive");
    EXPECT_FALSE(scope->may_purge());
    EXPECT_TRUE(issuer.for_archive(TenantId::parse("open").value()));
    for (const std::string tenant : {"leaving", "gone"}) {
        EXPECT_EQ(outcome(issuer.for_archive(TenantId::parse(tenant).value())),
                  "tenant_unavailable");
    }
}

class FarDirectoryTest : public ::testing::Test {
protected:
    Result<TenantScope> ask(const Findings& findings = {}) const {
        return issuer.from_token(token, std::nullopt, at_second(1), findings);
    }

    FarDirectory directory;
    TokenVerifier verifier{make_secret()};
    ScopeIssuer issuer{verifier, directory};
    std::string token =
        hand_signed(plain_header, R"({"exp":1000,"sub":"s","tenant_id":"open","role":"admin"})");
};

TEST_F(FarDirectoryTest, WhatIsNotRememberedHasToBeLearnt) {
    EXPECT_EQ(ask().error().code, Errc::standing_unknown);
    const auto findings = issuer.find(token, std::nullopt, at_second(1)).value();
    EXPECT_EQ(ask(findings).value().role(), Role::admin);
    const auto key = ApiKey::make(ApiKey::Kind::platform);
    EXPECT_EQ(issuer.for_operator(key.text(), at_second(1)).error().code, Errc::standing_unknown);
    EXPECT_EQ(issuer.from_token(key.text(), std::nullopt, at_second(1)).error().code,
              Errc::standing_unknown);
    EXPECT_EQ(issuer
                  .for_operator(key.text(), at_second(1),
                                issuer.find(key.text(), std::nullopt, at_second(1)).value())
                  .error()
                  .code,
              Errc::token_invalid);
}

TEST_F(FarDirectoryTest, OnlyWhatIsRememberedHasToBeConfirmed) {
    Uuid version{};
    version.data[0] = 7;
    directory.remembered = Standing{.tenant = TenantStatus::active, .version = version};
    const auto scope = ask().value();
    ASSERT_TRUE(scope.premise());
    EXPECT_EQ(scope.premise()->version, version);
    EXPECT_FALSE(scope.premise()->confirmed);
    EXPECT_FALSE(ask({.standing = directory.remembered}).value().premise());
    const auto key = ApiKey::make(ApiKey::Kind::tenant);
    directory.key_remembered = KeyStanding{.id = ApiKeyId::from_uuid(version),
                                           .tenant = TenantId::parse("open").value(),
                                           .status = TenantStatus::active,
                                           .role = Role::viewer,
                                           .version = version};
    const auto by_key = issuer.from_token(key.text(), std::nullopt, at_second(1)).value();
    ASSERT_TRUE(by_key.premise());
    EXPECT_EQ(by_key.premise()->version, version);
}

TEST_F(FarDirectoryTest, ABearerThatIsNoneIsNotLookedUp) {
    EXPECT_EQ(issuer.find("", std::nullopt, at_second(1)).error().code, Errc::token_missing);
    EXPECT_EQ(issuer.find("nonsense", std::nullopt, at_second(1)).error().code,
              Errc::token_invalid);
    EXPECT_EQ(issuer.find(token, std::nullopt, at_second(2000)).error().code, Errc::token_expired);
    EXPECT_EQ(issuer.find(token, "other", at_second(1)).error().code, Errc::tenant_mismatch);
}

}  // namespace
}  // namespace tenantry::auth
