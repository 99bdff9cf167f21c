#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <fstream>

#include "hotline/ticket/service.hpp"

using namespace hotline;
using namespace hotline::ticket;

namespace {
struct Folder {
  std::string path = testing::TempDir() + "/files_" + std::to_string(getpid()) + "_" + std::to_string(++made);
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  static inline int made = 0;
};
}  // namespace

TEST(Files, LieUnderTheirHash) {
  Folder folder;
  const auto files = Files::open(folder.path + "/recordings").value();
  const auto a = files.put("abc", "recording", "call.wav", "audio/wav").value();
  EXPECT_EQ(a.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, appendix B.1
  EXPECT_EQ(a.size, 3u);
  EXPECT_EQ(files.get(a.sha256).value(), "abc");
  EXPECT_EQ(files.put("abc", "recording", "again.wav", "audio/wav").value().sha256, a.sha256);
}

TEST(Files, AreSealedUnderAKey) {
  Folder folder;
  const MasterKey key{1, 2, 3}, other{4};
  const auto files = Files::open(folder.path, key).value();
  const auto a = files.put("the citizen speaks", "recording", "call.wav", "audio/wav").value();
  std::ifstream stream(files.path_of(a.sha256), std::ios::binary);
  const std::string raw((std::istreambuf_iterator<char>(stream)), {});
  EXPECT_EQ(raw.find("citizen"), std::string::npos);
  EXPECT_EQ(files.get(a.sha256).value(), "the citizen speaks");
  EXPECT_EQ(Files::open(folder.path).value().get(a.sha256).code(), ErrorCode::denied);
  EXPECT_EQ(Files::open(folder.path, other).value().get(a.sha256).code(), ErrorCode::corrupt);
  std::ofstream(files.path_of(a.sha256), std::ios::binary) << raw.substr(0, 30);
  EXPECT_EQ(files.get(a.sha256).code(), ErrorCode::corrupt);
}

TEST(Files, NoticeDamage) {
  Folder folder;
  const auto files = Files::open(folder.path).value();
  const auto a = files.put("the citizen speaks", "recording", "call.wav", "audio/wav").value();
  std::ofstream(files.path_of(a.sha256)) << "something else";
  EXPECT_EQ(files.get(a.sha256).code(), ErrorCode::corrupt);
  EXPECT_EQ(files.get(std::string(64, '0')).code(), ErrorCode::not_found);
  EXPECT_EQ(files.get("../../etc/passwd").code(), ErrorCode::invalid_argument);
}

TEST(Keys, AreMadeOnceAndKeptPrivate) {
  Folder folder;
  const std::string path = folder.path + "/master.key";
  const auto key = load_or_create_key(path).value();
  EXPECT_EQ(load_or_create_key(path).value(), key);
  struct stat info{};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::ofstream(path) << "short";
  EXPECT_EQ(load_or_create_key(path).code(), ErrorCode::corrupt);
}
