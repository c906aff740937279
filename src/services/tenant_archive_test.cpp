/// A tenant out of one database and into another: export_tenant and import_tenant on real ones.

#include "archive_file.hpp"
#include "engine/sqlite/snapshot.hpp"
#include "engine/sqlite/stores.hpp"
#include "marked_rows.hpp"
#include "services/tenant_export.hpp"
#include "services/tenant_import.hpp"
#include "sha256.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tenantry::services {
namespace {

using engine::testing::no_deadline;
using engine::testing::TestDatabase;
using ::testing::HasSubstr;

/// The files of an archive, by hand.
struct File {
    std::string name;
    std::string content;
};

std::vector<File> unpack(std::string_view archive) {
    const TextSource source{archive};
    const auto reader = ArchiveReader::open(source).value();
    std::vector<File> files;
    while (const auto entry = reader->next().value()) {
        files.push_back({entry->name, {}});
        while (true) {
            const auto piece = reader->read().value();
            if (piece.empty()) break;
            files.back().content += piece;
        }
    }
    return files;
}

std::string pack(const std::vector<File>& files) {
    std::string archive;
    ArchiveWriter writer{[&](std::string_view piece) { archive += piece; }, Timestamp{}};
    for (const auto& file : files) {
        writer.begin(file.name, file.content.size());
        writer.write(file.content);
    }
    writer.finish();
    return archive;
}

class TenantArchiveTest : public ::testing::Test {
protected:
    static TenantId id(std::string_view text) { return TenantId::parse(text).value(); }

    void fill(std::string_view tenant, std::size_t rows) {
        testing::MarkedRows marked{source_, source_.scope(tenant), std::string{tenant} + "mark"};
        marked.add(rows);
    }

    static std::string exported(TestDatabase& database, std::string_view tenant) {
        std::string archive;
        const auto snapshot =
            engine::sqlite::open_snapshot(schema::lead_catalog(), database.path()).value();
        TenantExport about{
            .name = "Acme", .now = Timestamp{}, .spool_folder = database.path().parent_path()};
        testing::finish(export_tenant(
                            *snapshot, database.scope(tenant), std::move(about),
                            [&](std::string_view piece) { archive += piece; }, no_deadline))
            .value();
        return archive;
    }

    static Result<ImportedTenant> import(TestDatabase& database, std::string_view archive,
                                         std::string_view tenant) {
        const auto store = engine::sqlite::open_tenure_store(database.path()).value();
        const auto issuer = database.issuer();
        const ImportTools tools{database.engine(), *store, issuer};
        const TextSource text{archive};
        TenantImport order{.tenant = id(tenant), .actor = "test"};
        return testing::finish(import_tenant(tools, text, std::move(order), no_deadline));
    }

    /// The import is refused with these words and leaves no tenant.
    void refuses(std::string_view archive, const std::string& why, Errc code = Errc::bad_file) {
        const auto imported = import(target_, archive, "copy");
        ASSERT_FALSE(imported) << why;
        EXPECT_EQ(imported.error().code, code) << imported.error().message;
        EXPECT_THAT(imported.error().message, HasSubstr(why));
        EXPECT_EQ(target_.control().tenant(id("copy")).error().code, Errc::not_found);
    }

    TestDatabase source_;
    TestDatabase target_;
};

/// With the tenant's own id in place of that of its archive.
std::string renamed(std::string text, std::string_view from, std::string_view to) {
    const auto old = fmt::format("\"tenant_id\":\"{}\"", from);
    for (std::size_t at = 0; (at = text.find(old, at)) != std::string::npos;)
        text.replace(at, old.size(), fmt::format("\"tenant_id\":\"{}\"", to));
    return text;
}

TEST_F(TenantArchiveTest, ArrivesAsItLeftUnderAnotherId) {
    fill("acme", 450);  // more than a page, and than a batch
    fill("other", 3);
    const auto archive = exported(source_, "acme");
    const auto imported = import(target_, archive, "copy").value();
    EXPECT_EQ(imported.tenant.status, auth::TenantStatus::active);
    EXPECT_EQ(imported.tenant.name, "Acme");
    EXPECT_EQ(imported.manifest.tenant, id("acme"));
    const auto before = unpack(archive);
    const auto after = unpack(exported(target_, "copy"));
    ASSERT_EQ(before.size(), archived_relations().size() + 2);
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 2; i < before.size(); ++i) {
        EXPECT_EQ(after[i].name, before[i].name);
        EXPECT_TRUE(after[i].content == renamed(before[i].content, "acme", "copy"))
            << before[i].name;
        EXPECT_EQ(std::ranges::count(before[i].content, '\n'), 450) << before[i].name;
    }
}

TEST_F(TenantArchiveTest, ArrivesBesideItselfInOneDatabase) {
    fill("acme", 3);
    const auto archive = exported(source_, "acme");
    EXPECT_TRUE(import(source_, archive, "twin"));
    EXPECT_EQ(exported(source_, "acme"), archive);
}

TEST_F(TenantArchiveTest, HoldsNoSecretsAndNobodyElsesRows) {
    fill("acme", 2);
    fill("other", 2);
    std::string all;
    for (const auto& file : unpack(exported(source_, "acme"))) all += file.content;
    EXPECT_THAT(all, HasSubstr("acmemark"));
    EXPECT_THAT(all, ::testing::Not(HasSubstr("othermark")));
    EXPECT_THAT(all, ::testing::Not(HasSubstr("acmemark-cookies")));
    EXPECT_THAT(all, ::testing::Not(HasSubstr("acmemark-credentials")));
    EXPECT_THAT(all, ::testing::Not(HasSubstr("acmemark-fingerprint")));
}

TEST_F(TenantArchiveTest, IsOfOneMomentWhateverIsWrittenMeanwhile) {
    fill("acme", 2);
    const auto snapshot =
        engine::sqlite::open_snapshot(schema::lead_catalog(), source_.path()).value();
    testing::MarkedRows{source_, source_.scope("acme"), "later"}.add();
    std::string archive;
    TenantExport about{
        .name = "Acme", .now = Timestamp{}, .spool_folder = source_.path().parent_path()};
    const auto manifest =
        testing::finish(export_tenant(
                            *snapshot, source_.scope("acme"), about,
                            [&](std::string_view piece) { archive += piece; }, no_deadline))
            .value();
    for (const auto& relation : manifest.relations) EXPECT_EQ(relation.rows, 2U);
}

TEST_F(TenantArchiveTest, OfAnEmptyTenantIsOneToo) {
    source_.scope("acme");
    EXPECT_TRUE(import(target_, exported(source_, "acme"), "copy"));
}

TEST_F(TenantArchiveTest, GoesIntoNoTenantThatIsThere) {
    fill("acme", 1);
    const auto archive = exported(source_, "acme");
    const auto imported = import(source_, archive, "acme");
    EXPECT_EQ(imported.error().code, Errc::unique_violation);
    EXPECT_EQ(exported(source_, "acme"), archive);
}

TEST_F(TenantArchiveTest, ThatIsDamagedIsRefused) {
    fill("acme", 6);
    const auto archive = exported(source_, "acme");
    const auto whole = check_archive(TextSource{archive}).value();
    // Damage to what is read by nobody, the end marks, may pass.
    const auto refused_or_whole = [&](std::string_view damaged) {
        const auto checked = check_archive(TextSource{damaged});
        if (checked) {
            EXPECT_EQ(*checked, whole);
        } else {
            EXPECT_EQ(checked.error().code, Errc::bad_file);
        }
    };
    refuses("", "damaged, cut off");
    refuses("no archive at all", "damaged, cut off");
    refuses(std::string_view{archive}.substr(0, archive.size() / 2), "damaged, cut off");
    for (std::size_t size = 1; size < archive.size(); size += archive.size() / 37)
        refused_or_whole(std::string_view{archive}.substr(0, size));
    for (std::size_t at = 0; at < archive.size(); at += archive.size() / 97) {
        auto damaged = archive;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
        refused_or_whole(damaged);
    }
}

TEST_F(TenantArchiveTest, ThatWasTamperedWithIsRefused) {
    fill("acme", 2);
    const auto files = unpack(exported(source_, "acme"));
    const auto changed = [&](auto change) {
        auto copy = files;
        change(copy);
        return pack(copy);
    };
    constexpr std::size_t agents = 2;
    constexpr std::size_t leads = 3;
    refuses(changed([](auto& f) { f[leads].content[30] ^= 1; }), "leads.ndjson");
    refuses(changed([](auto& f) { f[leads].content += "{}\n"; }), "another size");
    refuses(changed([](auto& f) { f.pop_back(); }), "it was cut off");
    refuses(changed([](auto& f) { f.push_back({"more.ndjson", ""}); }), "more files");
    refuses(changed([](auto& f) { f.push_back({"../../etc/passwd", "x"}); }), "more files");
    refuses(changed([](auto& f) { f[agents].name = "../agents.ndjson"; }), "another file where");
    refuses(changed([](auto& f) { f[agents].name = "/agents.ndjson"; }), "another file where");
    refuses(changed([](auto& f) { std::swap(f[agents], f[leads]); }), "another file where");
    refuses(changed([](auto& f) { f.erase(f.begin()); }), "begin with manifest.json");
    refuses(changed([](auto& f) { f[0].content = "{}"; }), "its SHA-256 differs");
    refuses(changed([](auto& f) {
                f[0].content = "{}";
                f[1].content = manifest_hash("{}");
            }),
            "not that of a tenantry archive");
}

TEST_F(TenantArchiveTest, WhoseRowsTheDatabaseRefusesLeavesNothing) {
    fill("acme", 600);
    auto files = unpack(exported(source_, "acme"));
    // An event of a lead that isn't there, with a manifest that fits.
    auto manifest = parse_manifest(files[0].content).value();
    auto& events = files[4];
    ASSERT_EQ(events.name, "events.ndjson");
    const auto at = events.content.rfind("\"lead_id\":\"") + 11;
    events.content.replace(at, 8, "ffffffff");
    Sha256 hash;
    hash.add(events.content);
    manifest.relations[2].sha256 = hash.finish();
    files[0].content = print_manifest(manifest);
    files[1].content = manifest_hash(files[0].content);
    refuses(pack(files), "events.ndjson", Errc::foreign_key_violation);
    // And the same id may be used at once.
    EXPECT_TRUE(import(target_, exported(source_, "acme"), "copy"));
}

TEST_F(TenantArchiveTest, GoesNowhereIfItIsDeletedMeanwhile) {
    fill("acme", 2);
    const auto store = engine::sqlite::open_tenure_store(target_.path()).value();
    const auto ticket = store->begin_import(id("copy"), "Copy").value();
    EXPECT_EQ(target_.engine().standing(id("copy"), "s").tenant, auth::TenantStatus::deleting);
    store->begin_removal(id("copy"), "test").value();
    EXPECT_EQ(store->finish_import(id("copy"), ticket, "test").error().code, Errc::conflict);
}

}  // namespace
}  // namespace tenantry::services
