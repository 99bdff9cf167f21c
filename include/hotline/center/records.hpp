// What a centre remembers of its calls, citizens and polls: the tables behind screens, reports and statistics.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hotline/base/time.hpp"
#include "hotline/store.hpp"

namespace hotline::center {

enum class Direction : std::uint8_t { inbound, outbound };

// One call, from the first ring to the end.
struct CallRecord {
  std::int64_t id = 0;  // given by Records
  Direction direction = Direction::inbound;
  std::string citizen;    // telephone number
  std::string dialled;
  Time started{};
  Time ended{};
  std::string outcome;    // self_service, answered, abandoned, reached, unreached, refused
  std::string queue;      // "" where the caller asked for nobody
  std::string agent;      // who answered
  Duration waited{};      // in the queue
  Duration talked{};      // with an agent
  std::string recording;  // of the conversation, relative to the folder; ""
  std::string ticket;     // acceptance number of the last ticket made or asked about
  std::string language;
};

// Who called, and how they like to be served.
struct Citizen {
  std::string phone;
  std::string name;
  std::string language;
  std::string profile;  // "easy" for the elderly profile
  Time first_seen{};
  Time last_seen{};
  std::int64_t calls = 0;
};

struct PollAnswer {
  std::string poll;
  std::string question;
  std::string answer;
  std::int64_t count = 0;
};

// Durable: a call returns when it is on the disk. Synchronised, as its database is.
class Records {
 public:
  // Makes or updates the tables. Errors: as of store::Database.
  static Result<Records> open(store::Database database);

  // Writes a call that has ended, and the citizen's record with it. Returns its number.
  Result<std::int64_t> add(const CallRecord& call);
  Result<std::vector<CallRecord>> calls(Time from, Time until);
  // A citizen's calls, newest first (the screen that opens when they call).
  Result<std::vector<CallRecord>> calls_of(const std::string& phone, std::int64_t limit = 20);
  Result<std::optional<Citizen>> citizen(const std::string& phone);
  Status put(const Citizen& citizen);

  // Counts one answer; a caller (`voter`) has one voice a question, the last one given.
  Status vote(const std::string& poll, const std::string& question, const std::string& answer,
              const std::string& voter, Time at);
  Result<std::vector<PollAnswer>> tally(const std::string& poll);

 private:
  explicit Records(store::Database database) : database_(std::move(database)) {}
  store::Database database_;
};

}  // namespace hotline::center
