// Random edits, with the process killed in the midst of them: index and articles are equal after every crash. Some
// hundreds normally, a million with HOTLINE_NIGHTLY=1. Prints its seed; HOTLINE_SEED sets it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "hotline/base/random.hpp"
#include "hotline/kb/knowledge_base.hpp"
#include "property/kb/seeded.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

const Time kStart = parse_time("2026-01-01T00:00:00Z").value();

std::string words(Random& random) {
  static const char* const kWords[] = {"公积金", "提取", "社保", "办理", "申请", "permit", "renew", "TH-01", "居住证", "噪声", "施工", "夜间", "補貼", "学校", "入学", "医院", "国发〔2024〕5号", "。", " "};
  std::string out;
  for (std::uint64_t n = random.below(12); n-- > 0;) out += kWords[random.below(std::size(kWords))];
  return out;
}

Article some(Random& random) {
  Article a;
  a.id = "a" + std::to_string(random.below(40));
  a.library = random.below(2) == 0 ? "qa" : "guides";
  a.title = words(random);
  a.body = words(random) + words(random);
  if (random.below(3) == 0) a.questions = {words(random), words(random)};
  if (random.below(4) == 0) a.jurisdiction = random.below(2) == 0 ? "440000" : "440100";
  if (random.below(6) == 0) a.overlays = "a" + std::to_string(random.below(40));
  if (random.below(8) == 0) a.overlay = Overlay::replace;
  return a;
}

Time at(std::uint64_t step) { return kStart + std::chrono::seconds(static_cast<std::int64_t>(step)); }

// One edit; what it refuses is no matter here.
void edit(KnowledgeBase& kb, Random& random, std::uint64_t step) {
  const std::uint64_t what = random.below(100);
  const std::string id = "a" + std::to_string(random.below(40));
  if (what < 60) {
    Article a = some(random);
    if (random.below(5) == 0) a.effective_from = at(step + random.below(100)) - std::chrono::seconds(50);
    if (random.below(5) == 0) a.effective_to = at(step + 200);
    (void)kb.put(a, at(step), {.state = random.below(4) == 0 ? State::draft : State::published}).ok();
  } else if (what < 70) {
    const auto latest = kb.article(id);
    if (latest.ok()) (void)kb.publish(id, 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(latest->number))), at(step)).ok();
  } else if (what < 80) {
    (void)kb.withdraw(id, at(step)).ok();
  } else if (what < 88) {
    std::vector<Article> batch;
    for (int i = 0; i < 5; ++i) batch.push_back(some(random));
    (void)kb.put_all(batch, at(step), State::published).ok();
  } else if (what < 92) {
    (void)kb.optimize().ok();
  } else if (what < 97) {
    const auto found = kb.search(words(random), {}, at(step));
    ASSERT_TRUE(found.ok());
    for (const char* agent : {"x", "y"}) {
      const auto asking = kb.asked(words(random), *found, agent, Channel::agent, at(step));
      if (asking.ok()) (void)kb.chose(*asking, id, at(step)).ok();
    }
  } else {
    (void)kb.learn(at(step)).ok();
  }
}

void remove(const std::string& path) {
  for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
}

}  // namespace

class EveryFootprint : public testing::TestWithParam<Footprint> {};
INSTANTIATE_TEST_SUITE_P(Edits, EveryFootprint, testing::Values(Footprint::full, Footprint::small), [](const auto& one) { return std::string(one.param == Footprint::full ? "full" : "small"); });

TEST_P(EveryFootprint, KeepsIndexAndArticlesEqual) {
  Random random(seed());
  KnowledgeBase kb = KnowledgeBase::open(store::Database::open("sqlite::memory:").value(), {}, {}, GetParam()).value();
  const std::uint64_t steps = nightly() ? 20000 : 400;
  for (std::uint64_t step = 0; step < steps; ++step) {
    edit(kb, random, step);
    if (step % (nightly() ? 1000 : 100) != 99) continue;
    ASSERT_EQ(kb.verify().value().problems, std::vector<std::string>{}) << "after step " << step;
  }
}

// The index as it grew answers as one made afresh.
TEST(Edits, AnswerAsAFreshIndexDoes) {
  Random random(seed() + 1);
  KnowledgeBase kb = KnowledgeBase::open(store::Database::open("sqlite::memory:").value()).value();
  for (std::uint64_t step = 0; step < 200; ++step) edit(kb, random, step);
  kb.optimize().value();
  std::vector<std::vector<std::string>> before;
  std::vector<std::string> questions;
  const auto ask = [&] {
    std::vector<std::vector<std::string>> all;
    for (const std::string& q : questions) {
      std::vector<std::string> ids;
      const Results found = kb.search(q, {.validity = Filters::Validity::any}, at(200)).value();
      for (const Hit& h : found.hits) ids.push_back(h.id + ":" + std::to_string(h.revision) + ":" + std::to_string(h.score));
      std::sort(ids.begin(), ids.end());
      all.push_back(std::move(ids));
    }
    return all;
  };
  for (int i = 0; i < 50; ++i) questions.push_back(words(random));
  before = ask();
  kb.rebuild().value();
  EXPECT_EQ(ask(), before);
}

// Two nodes edit in turn, and each takes in what the other did: both stay equal to the articles, and to each other.
TEST(Edits, TwoNodesStayEqual) {
  Random random(seed() + 3);
  auto db = store::Database::open("sqlite::memory:").value();
  KnowledgeBase nodes[] = {KnowledgeBase::open(db).value(), KnowledgeBase::open(db).value()};
  const std::uint64_t steps = nightly() ? 20000 : 300;
  for (std::uint64_t step = 0; step < steps; ++step) {
    edit(nodes[random.below(2)], random, step);
    const std::string question = words(random);
    std::vector<std::string> found[2];
    for (int n = 0; n < 2; ++n) {
      const Results answer = nodes[n].search(question, {}, at(step)).value();
      for (const Hit& h : answer.hits) found[n].push_back(h.id + ":" + std::to_string(h.revision));
    }
    ASSERT_EQ(found[0], found[1]) << "after step " << step << ": " << question;
    if (step % 50 != 49) continue;
    for (KnowledgeBase& kb : nodes) ASSERT_EQ(kb.verify().value().problems, std::vector<std::string>{}) << "after step " << step;
  }
}

TEST_P(EveryFootprint, SurvivesBeingKilled) {
  Random random(seed() + 2);
  const std::string path = (std::filesystem::temp_directory_path() / ("hotline_kb_edits_" + std::to_string(getpid()) + ".db")).string();
  remove(path);
  { KnowledgeBase::open(store::Database::open(path).value(), {}, {}, GetParam()).value(); }
  const std::uint64_t rounds = nightly() ? 4000 : 6;  // half of 500 edits a round, in the mean: a million
  const std::uint64_t edits = nightly() ? 500 : 30;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::uint64_t stop = random.below(edits);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto db = store::Database::open(path);
      if (!db.ok()) _exit(1);
      auto kb = KnowledgeBase::open(*db);
      if (!kb.ok()) _exit(2);
      if (!kb->rebuilt().empty()) _exit(3);
      // A thread kills the process while edits are under way: somewhere in a transaction, or between two.
      Random own(seed(), round);
      for (std::uint64_t i = 0; i < stop; ++i) edit(*kb, own, round * edits + i);
      if (fork() == 0) {
        kill(getppid(), SIGKILL);
        _exit(0);
      }
      for (std::uint64_t i = 0;; ++i) edit(*kb, own, round * edits + stop + i);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << " ended with " << WEXITSTATUS(status);
    if (round % (nightly() ? 20 : 2) != 0 && round + 1 != rounds) continue;
    KnowledgeBase kb = KnowledgeBase::open(store::Database::open(path).value()).value();
    ASSERT_EQ(kb.rebuilt(), "");
    ASSERT_EQ(kb.verify().value().problems, std::vector<std::string>{}) << "after round " << round;
  }
  remove(path);
}
