#include "server/atomic_file.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

namespace tenantry::server {
namespace {

namespace fs = std::filesystem;

class AtomicFiles : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "tenantry-atomic-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        path_ = folder_ / "file";
    }
    void TearDown() override { fs::remove_all(folder_); }

    static std::string read(const fs::path& path) {
        std::ifstream file{path};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    std::ptrdiff_t entries() const { return std::distance(fs::directory_iterator{folder_}, {}); }

    fs::path folder_;
    fs::path path_;
};

TEST_F(AtomicFiles, AppearWholeWhenCommitted) {
    auto file = AtomicFile::create(path_, 0640);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("one"));
    ASSERT_TRUE(file->write(" two"));
    EXPECT_FALSE(fs::exists(path_));
    ASSERT_TRUE(file->commit(AtomicFile::Existing::replace));
    EXPECT_EQ(read(path_), "one two");
    EXPECT_EQ(fs::status(path_).permissions(), fs::perms{0640});
    EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFiles, LeaveNothingWhenDropped) {
    std::ofstream{path_} << "old";
    {
        auto file = AtomicFile::create(path_, 0600);
        ASSERT_TRUE(file);
        const auto moved = std::move(*file);
        EXPECT_EQ(entries(), 2);
    }
    EXPECT_EQ(entries(), 1);
    EXPECT_EQ(read(path_), "old");
}

TEST_F(AtomicFiles, ReplaceOrKeepWhatIsThere) {
    std::ofstream{path_} << "old";
    auto kept = AtomicFile::create(path_, 0600);
    ASSERT_TRUE(kept && kept->write("new"));
    const auto refused = kept->commit(AtomicFile::Existing::keep);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_EQ(read(path_), "old");

    auto replacing = AtomicFile::create(path_, 0600);
    ASSERT_TRUE(replacing && replacing->write("new") &&
                replacing->commit(AtomicFile::Existing::replace));
    EXPECT_EQ(read(path_), "new");
}

TEST_F(AtomicFiles, SayWhichFolderIsMissing) {
    const auto file = AtomicFile::create(folder_ / "gone" / "file", 0600);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, Errc::storage_unusable);
    EXPECT_NE(file.error().message.find("there is no folder " + (folder_ / "gone").string()),
              std::string::npos);
}

TEST_F(AtomicFiles, NeverReplaceADeviceOrAFolder) {
    EXPECT_FALSE(AtomicFile::create("/dev/null", 0600));
    EXPECT_FALSE(AtomicFile::create(folder_, 0600));
    EXPECT_EQ(entries(), 0);
}

// The size limit stands in for a full disk: both make write(2) fail half-way.
TEST_F(AtomicFiles, LeaveNothingWhenTheDiskIsFull) {
    struct rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit tight = before;
    tight.rlim_cur = 4096;
    ::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    {
        auto file = AtomicFile::create(path_, 0600);
        ASSERT_TRUE(file);
        const auto written = file->write(std::string(10'000, 'x'));
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code, Errc::storage_full);
    }
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, SIG_DFL);
    EXPECT_EQ(entries(), 0);
}

}  // namespace
}  // namespace tenantry::server
