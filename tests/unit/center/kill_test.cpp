// Killing the host at any moment loses no acknowledged ticket or recording.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "fake.hpp"
#include "hotline/base/random.hpp"
#include "hotline/workflow.hpp"

extern char** environ;

namespace {

using namespace hotline;
using namespace std::chrono_literals;

// One complaint after the other, each acknowledged on standard output when its number has been spoken.
// Run by the test below in a process of its own.
TEST(Victim, DISABLED_TakesComplaintsUntilKilled) {
  const char* folder = std::getenv("HOTLINE_VICTIM");
  ASSERT_NE(folder, nullptr);
  fake::Centre centre(folder);
  centre.now += std::chrono::seconds(std::atoll(std::getenv("HOTLINE_VICTIM_ROUND")) * 100'000);
  for (int n = 0; n < 1000; ++n) {
    const auto leg = centre.telephony.ring_in("1390000" + std::to_string(1000 + n), "12345");
    centre.run(1s);
    centre.press(leg, "22");
    centre.run(60s);
    ASSERT_TRUE(centre.telephony.legs[leg].recording);
    centre.press(leg, "#1");
    const auto& notices = centre.notices;
    const auto accepted = std::find_if(notices.rbegin(), notices.rend(), [](const auto& notice) { return notice.type == "ticket.accepted"; });
    ASSERT_NE(accepted, notices.rend());
    const std::string line = accepted->party + "\n";
    ASSERT_EQ(::write(STDOUT_FILENO, line.data(), line.size()), static_cast<ssize_t>(line.size()));
    centre.telephony.down(leg);
    centre.run(1s);
    centre.notices.clear();
  }
}

std::vector<std::string> run_and_kill(const std::string& folder, int round, Random& random) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
  ::setenv("HOTLINE_VICTIM", folder.c_str(), 1);
  ::setenv("HOTLINE_VICTIM_ROUND", std::to_string(round).c_str(), 1);
  char self[] = "/proc/self/exe";
  char filter[] = "--gtest_filter=Victim.*";
  char disabled[] = "--gtest_also_run_disabled_tests";
  char quiet[] = "--gtest_brief=1";
  char* arguments[] = {self, filter, disabled, quiet, nullptr};
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, self, &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe_ends[1]);
  // Killed after a random number of acknowledgements, at a random moment of the work that follows.
  const auto enough = 1 + random.below(4);
  std::string text;
  char buffer[256];
  std::size_t lines = 0;
  while (lines < enough) {
    const ssize_t got = ::read(pipe_ends[0], buffer, sizeof buffer);
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
    lines = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n' && i >= 8 && text.find_first_not_of("0123456789", i - 8) == i) ++lines;
  }
  const auto moment = std::chrono::steady_clock::now() + std::chrono::microseconds(random.below(6000));
  while (std::chrono::steady_clock::now() < moment) {
  }
  ::kill(child, SIGKILL);
  for (ssize_t got; (got = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(got));
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << text;
  std::vector<std::string> numbers;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = text.find('\n', from);
    if (end == std::string::npos) break;
    const std::string line = text.substr(from, end - from);
    if (line.size() == 8 && line.find_first_not_of("0123456789") == std::string::npos) numbers.push_back(line);
    from = end + 1;
  }
  return numbers;
}

TEST(Kill, LosesNoAcknowledgedTicketOrRecording) {
  const char* wish = std::getenv("HOTLINE_KILLS");
  const int kills = wish != nullptr ? std::atoi(wish) : 200;
  const auto seed = static_cast<std::uint64_t>(::getpid());
  std::printf("seed %llu, %d kills\n", static_cast<unsigned long long>(seed), kills);
  Random random(seed);
  const std::string folder = (std::filesystem::temp_directory_path() / ("hotline-kill-" + std::to_string(::getpid()))).string();
  std::filesystem::create_directories(folder);
  std::vector<std::string> acknowledged;
  for (int round = 0; round < kills; ++round) {
    const auto numbers = run_and_kill(folder, round, random);
    acknowledged.insert(acknowledged.end(), numbers.begin(), numbers.end());
  }
  ASSERT_GE(acknowledged.size(), static_cast<std::size_t>(kills));

  auto database = store::Database::open(folder + "/hotline.db").value();
  database.check().value();
  ticket::Options options;
  options.master_key = ticket::load_or_create_key(folder + "/master.key").value();
  const auto definition = workflow::Definition::load(std::string(HOTLINE_SOURCE_DIR) + "/data/workflows/city-12345.yaml").value();
  auto tickets = ticket::Service::open(database, options, {&definition, 1}).value();
  const auto files = ticket::Files::open(folder + "/files").value();
  for (const std::string& number : acknowledged) {
    const auto found = tickets.find(number);
    ASSERT_TRUE(found.ok()) << number << ": " << found.error().text();
    const auto attachments = tickets.attachments(found->id).value();
    ASSERT_EQ(attachments.size(), 1u) << number;
    EXPECT_TRUE(files.get(attachments[0].sha256).value().starts_with("speech of leg")) << number;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
