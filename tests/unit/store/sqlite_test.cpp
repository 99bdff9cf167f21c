#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "hotline/store.hpp"

using namespace hotline;
using namespace hotline::store;

namespace {

struct Folder {
  std::filesystem::path path = std::filesystem::path(testing::TempDir()) / ("sqlite_" + std::to_string(getpid()) + "_" + std::to_string(++made));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
  static inline int made = 0;
};

std::int64_t count(Database& db) {
  std::int64_t n = -1;
  EXPECT_TRUE(db.read([&](Transaction& t) -> Status {
                  HOTLINE_ASSIGN(const auto v, t.integer("SELECT count(*) FROM note"));
                  n = *v;
                  return {};
                }).ok());
  return n;
}

Status add(Database& db) {
  return db.write([](Transaction& t) { return t.post("INSERT INTO note (body) VALUES ('x')"); });
}

const Migration kNote[] = {{1, "CREATE TABLE note (id {auto}, body TEXT)"}};

}  // namespace

TEST(Sqlite, IsDurableByDefault) {
  Folder folder;
  auto db = Database::open(folder.file("a.db")).value();
  EXPECT_TRUE(db.read([](Transaction& t) -> Status {
                  HOTLINE_ASSIGN(const auto mode, t.text("PRAGMA journal_mode"));
                  EXPECT_EQ(mode, "wal");
                  HOTLINE_ASSIGN(const auto sync, t.integer("PRAGMA synchronous"));
                  EXPECT_EQ(sync, 2);  // FULL
                  return {};
                }).ok());
}

TEST(Sqlite, ACorruptFileIsSaidSo) {
  Folder folder;
  std::ofstream(folder.file("a.db")) << std::string(5000, 'z');
  const auto db = Database::open(folder.file("a.db"));
  ASSERT_FALSE(db.ok());
  EXPECT_EQ(db.code(), ErrorCode::corrupt);
  EXPECT_NE(db.error().text().find("a.db"), std::string::npos);
  EXPECT_NE(db.error().text().find("restore"), std::string::npos);
}

TEST(Sqlite, CheckFindsADamagedPage) {
  Folder folder;
  {
    auto db = Database::open(folder.file("a.db")).value();
    ASSERT_TRUE(db.migrate("note", kNote).ok());
    std::vector<Database::Command> many(2000, [](Transaction& t) { return t.post("INSERT INTO note (body) VALUES ('0123456789')"); });
    for (const auto& s : db.write_all(many)) ASSERT_TRUE(s.ok());
    EXPECT_TRUE(db.check().ok());
  }
  {
    std::fstream file(folder.file("a.db"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 6);
    file << std::string(2000, '\x55');
  }
  auto db = Database::open(folder.file("a.db")).value();
  EXPECT_EQ(db.check().code(), ErrorCode::corrupt);
}

TEST(Sqlite, AMissingFolderIsAnIoError) {
  const auto db = Database::open("/nonexistent/folder/a.db");
  EXPECT_EQ(db.code(), ErrorCode::io);
  EXPECT_EQ(Database::open("").code(), ErrorCode::invalid_argument);
}

TEST(Sqlite, BackupWhileWriting) {
  Folder folder;
  auto db = Database::open(folder.file("a.db")).value();
  ASSERT_TRUE(db.migrate("note", kNote).ok());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(add(db).ok());
  std::thread writer([&] {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(add(db).ok());
  });
  std::uint64_t last = 0, total = 0;
  const auto status = db.backup(folder.file("b.db"), [&](std::uint64_t done, std::uint64_t all) { last = done, total = all; });
  writer.join();
  ASSERT_TRUE(status.ok()) << status.error().text();
  EXPECT_EQ(last, total);
  auto copy = Database::open(folder.file("b.db")).value();
  EXPECT_TRUE(copy.check().ok());
  EXPECT_GE(count(copy), 100);
  EXPECT_LE(count(copy), 200);
  EXPECT_EQ(db.backup("/nonexistent/b.db").code(), ErrorCode::io);
}

TEST(Sqlite, AnotherProcessWaitsItsTurn) {
  Folder folder;
  auto db = Database::open(folder.file("a.db")).value();
  ASSERT_TRUE(db.migrate("note", kNote).ok());
  constexpr int kEach = 100;
  const pid_t child = fork();
  if (child == 0) {
    auto other = Database::open(folder.file("a.db"));
    int good = 0;
    for (int i = 0; i < kEach && other.ok(); ++i) good += add(*other).ok() ? 1 : 0;
    _exit(good == kEach ? 0 : 1);
  }
  for (int i = 0; i < kEach; ++i) EXPECT_TRUE(add(db).ok());
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(count(db), 2 * kEach);
}

TEST(Sqlite, WhoHoldsItTooLongIsBusy) {
  Folder folder;
  auto db = Database::open(folder.file("a.db"), {.busy_timeout = std::chrono::milliseconds(1)}).value();
  auto other = Database::open(folder.file("a.db"), {.busy_timeout = std::chrono::milliseconds(1)}).value();
  ASSERT_TRUE(db.migrate("note", kNote).ok());
  Status refused;
  EXPECT_TRUE(db.write([&](Transaction&) -> Status {
                  refused = add(other);
                  return {};
                }).ok());
  EXPECT_EQ(refused.code(), ErrorCode::busy);
  EXPECT_TRUE(add(other).ok());
}
