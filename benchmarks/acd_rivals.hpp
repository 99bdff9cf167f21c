// The rivals' dispatching, written again from what is described of it (no code of theirs), to stand beside ours in the
// same run on the same arrivals. Times are simulated where a rival waits for its next look; work is real.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace rivals {

// A scan over all agents for each contact: skills by a mask, longest idle wins.
class LinearScan {
 public:
  struct Agent {
    std::uint64_t skills = 0;
    std::int64_t idle_since = 0;
    bool idle = true;
  };
  std::vector<Agent> agents;
  int select(std::uint64_t need) const {
    int best = -1;
    for (std::size_t i = 0; i < agents.size(); ++i) {
      const Agent& a = agents[i];
      if (a.idle && (a.skills & need) == need && (best < 0 || a.idle_since < agents[static_cast<std::size_t>(best)].idle_since)) best = static_cast<int>(i);
    }
    return best;
  }
};

// A per-caller ring loop (app_queue's way): every waiting caller looks once a second, in the order of its own thread;
// it counts the free members, compares with its place, and rings the best by a metric over all members.
class CallerLoop {
 public:
  struct Member {
    std::int64_t last_call = 0;
    bool free = true;
  };
  std::vector<Member> members;
  std::vector<std::uint32_t> waiting;  // callers in order; the value is the second's phase in ms
  // One look of the caller at `place`: the member it would ring, or -1.
  int look(std::size_t place) const {
    std::size_t available = 0;
    for (const Member& m : members) available += m.free;
    if (place >= available) return -1;
    int best = -1;
    std::int64_t metric = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 0; i < members.size(); ++i)
      if (members[i].free && members[i].last_call < metric) metric = members[i].last_call, best = static_cast<int>(i);
    return best;
  }
};

// A polling dispatcher over SQL (mod_callcenter's way): every 100 ms it selects all waiting members by score, and for
// each the agents by idle time, then updates the winner. The tables are in memory and unindexed.
class SqlDispatcher {
 public:
  explicit SqlDispatcher(int agents) {
    sqlite3_open(":memory:", &db_);
    run("CREATE TABLE agents(name TEXT, status TEXT, state TEXT, last_bridge_end INTEGER, calls_answered INTEGER);"
        "CREATE TABLE tiers(queue TEXT, agent TEXT, state TEXT, level INTEGER, position INTEGER);"
        "CREATE TABLE members(queue TEXT, uuid TEXT, state TEXT, joined INTEGER, base_score INTEGER);BEGIN;");
    for (int i = 0; i < agents; ++i) {
      const std::string n = "a" + std::to_string(i);
      run("INSERT INTO agents VALUES('" + n + "','Available','Waiting'," + std::to_string(i) + ",0);INSERT INTO tiers VALUES('q','" + n + "','Ready',1,1);");
    }
    run("COMMIT;");
  }
  ~SqlDispatcher() { sqlite3_close(db_); }
  SqlDispatcher(const SqlDispatcher&) = delete;
  SqlDispatcher& operator=(const SqlDispatcher&) = delete;

  void join(int member, long now) {
    run("INSERT INTO members VALUES('q','m" + std::to_string(member) + "','Waiting'," + std::to_string(now) + ",0);");
  }
  // One pass; gives how many were matched.
  int pass(long now) {
    std::vector<std::string> waiting;
    query("SELECT uuid FROM members WHERE state='Waiting' ORDER BY (" + std::to_string(now) + " - joined) + base_score DESC", waiting);
    int matched = 0;
    for (const std::string& member : waiting) {
      std::vector<std::string> found;
      query("SELECT agents.name FROM agents LEFT JOIN tiers ON agents.name=tiers.agent WHERE tiers.queue='q' AND agents.status='Available' AND agents.state='Waiting' AND tiers.state='Ready' "
            "ORDER BY tiers.level, agents.last_bridge_end, tiers.position LIMIT 1", found);
      if (found.empty()) continue;  // the others are looked at all the same
      run("UPDATE members SET state='Trying' WHERE uuid='" + member + "' AND state='Waiting';UPDATE agents SET state='In a queue call', calls_answered=calls_answered+1 WHERE name='" + found[0] + "';");
      ++matched;
    }
    return matched;
  }
  void all_end(long now) {
    run("UPDATE agents SET state='Waiting', last_bridge_end=" + std::to_string(now) + ";DELETE FROM members WHERE state='Trying';");
  }

 private:
  void run(const std::string& sql) { sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr); }
  void query(const std::string& sql, std::vector<std::string>& out) {
    sqlite3_exec(db_, sql.c_str(), [](void* to, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(to)->emplace_back(values[0]);
      return 0;
    }, &out, nullptr);
  }
  sqlite3* db_ = nullptr;
};

}  // namespace rivals
