#include "hotline/store/database.hpp"

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "store/connection.hpp"

namespace hotline::store {

Backend Transaction::backend() const { return connection_.backend(); }
Status Transaction::query(std::string_view sql, Binds binds, FunctionRef<void(const Row&)> each) {
  return connection_.query(sql, binds, each);
}
Result<std::optional<std::int64_t>> Transaction::integer(std::string_view sql, std::initializer_list<Bind> binds) {
  std::optional<std::int64_t> value;
  bool first = true;
  HOTLINE_TRY(query(sql, binds, [&](const Row& row) {
    if (std::exchange(first, false)) value = row.maybe_integer(0);
  }));
  return value;
}
Result<std::optional<std::string>> Transaction::text(std::string_view sql, std::initializer_list<Bind> binds) {
  std::optional<std::string> value;
  bool first = true;
  HOTLINE_TRY(query(sql, binds, [&](const Row& row) {
    if (std::exchange(first, false) && !row.is_null(0)) value = std::string(row.text(0));
  }));
  return value;
}
Result<std::int64_t> Transaction::execute(std::string_view sql, Binds binds) { return connection_.execute(sql, binds); }
Status Transaction::post(std::string_view sql, Binds binds) { return connection_.post(sql, binds); }
Status Transaction::settle() { return connection_.settle(); }

namespace {

constexpr Duration kPause = std::chrono::milliseconds(20);

// A command that waits for its answer. Lives on its caller's stack.
struct Job {
  explicit Job(FunctionRef<Status(Transaction&)> c) : command(c) {}
  FunctionRef<Status(Transaction&)> command;
  Status answer;
  std::exception_ptr thrown;
  enum class Turn : std::int32_t { wait, lead, done };
  std::atomic<Turn> turn = Turn::wait;
};

}  // namespace

// Group commit without a thread of its own: a caller that finds a lane free takes everything that waits, runs it, syncs once and
// answers all; who arrives meanwhile makes up the next group. SQLite has one lane; a server works on several at once.
struct Database::Impl {
  std::string url;
  Options options;
  Backend backend = Backend::sqlite;
  bool memory = false;

  std::mutex mutex;
  std::deque<Job*> waiting;
  int leaders = 0;  // at most one a lane
  bool gathering = false;
  std::condition_variable arrived;
  std::size_t callers = 1;       // that were there lately: in the last group, or waiting when it was done
  Duration last_group{};         // how long it took
  Counters counters;

  std::mutex write_mutex;  // the writer connection, between groups and other users of it
  std::unique_ptr<Connection> writer;

  std::mutex readers_mutex;
  std::vector<std::unique_ptr<Connection>> readers;

  Result<std::unique_ptr<Connection>> connect(Begin use) const {
    return backend == Backend::sqlite ? open_sqlite(url, use, options) : open_postgres(url, use, options);
  }

  using Slot = std::unique_ptr<Connection>;

  Status ensure(Slot& slot) {
    if (slot && slot->alive()) return {};
    slot.reset();
    // A server that restarts refuses for a moment.
    for (Duration waited{};; waited += kPause) {
      auto made = connect(Begin::write);
      if (made.ok()) slot = *std::move(made);
      if (made.ok() || waited >= options.busy_timeout) return made.ok() ? Status{} : Status(made.error());
      std::this_thread::sleep_for(kPause);
    }
  }

  enum class Outcome : std::uint8_t { answered, again, guard };

  void run(Job& job, Connection& connection) {
    job.answer = {};
    job.thrown = nullptr;
    Transaction transaction(connection);
    try {
      job.answer = job.command(transaction);
    } catch (...) {
      job.thrown = std::current_exception();
      job.answer = Error(ErrorCode::callback, "a command threw an exception");
    }
  }

  // Savepoints cost a copy of every page that a command touches, and hardly any command is refused after it wrote. So a
  // group runs without them first, and with them only where one such command must be undone without the others.
  enum class Guard : std::uint8_t { none, each };

  // Runs the jobs in one transaction. Again where it was rolled back for a reason that another try may not meet.
  Outcome attempt(Slot& slot, std::span<Job* const> jobs, Guard guard, bool last_try) {
    if (const Status ready = ensure(slot); !ready.ok()) return fail(jobs, ready.error());
    Connection& c = *slot;
    if (const Status begun = c.begin(Begin::write); !begun.ok()) {
      if (!c.alive() && !last_try) return Outcome::again;
      return fail(jobs, begun.error());
    }
    const bool alone = jobs.size() == 1;
    const bool guarding = guard == Guard::each && !alone;
    bool any = false;
    for (Job* job : jobs) {
      Status guarded = guarding ? c.savepoint() : Status{};
      const std::uint64_t before = c.written();
      if (guarded.ok()) {
        run(*job, c);
        // What was posted travels with the next question, or with the commit: if it fails there, the group is run again, each by itself.
        if (job->answer.ok() && (guarding || !c.named())) job->answer = c.settle();
        if (guarding && c.in_transaction()) guarded = job->answer.ok() ? c.release() : c.rollback_to_savepoint();
        any = any || job->answer.ok();
      }
      const bool collided = !job->answer.ok() && job->answer.code() == ErrorCode::busy;
      const bool to_undo = !guarding && !alone && !job->answer.ok() && c.written() != before;
      if (guarded.ok() && c.in_transaction() && !collided && !to_undo) continue;
      const Error reason = !job->answer.ok() ? job->answer.error() : guarded.ok() ? Error(ErrorCode::io, "the transaction was lost") : guarded.error();
      c.rollback();
      const bool transient = collided || !c.alive();
      if ((transient || jobs.size() > 1) && !last_try) return to_undo && !transient ? Outcome::guard : Outcome::again;
      return fail(jobs, reason);
    }
    if (!any) {
      c.rollback();
      return Outcome::answered;
    }
    const std::string name = c.transaction_name();
    const Status committed = c.commit();
    if (committed.ok()) {
      ++commits_;
      return Outcome::answered;
    }
    return after_failed_commit(slot, jobs, committed.error(), name, last_try);
  }

  Outcome after_failed_commit(Slot& slot, std::span<Job* const> jobs, const Error& reason, const std::string& name, bool last_try) {
    if (slot->alive()) {
      slot->rollback();
      if ((reason.code() == ErrorCode::busy || jobs.size() > 1) && !last_try) return Outcome::again;
      return fail(jobs, reason);
    }
    // The name is known before COMMIT is sent: without it nothing can have been committed. The connection that asks may be
    // lost as well.
    Fate fate = name.empty() ? Fate::rolled_back : Fate::unknown;
    for (int tries = 0; tries < 20 && fate == Fate::unknown && ensure(slot).ok(); ++tries) {
      fate = slot->fate(name);
      if (slot->alive()) break;
    }
    if (fate == Fate::committed) return ++commits_, Outcome::answered;
    if (fate == Fate::rolled_back && !last_try) return Outcome::again;
    return fail(jobs, reason);
  }

  static Outcome fail(std::span<Job* const> jobs, const Error& reason) {
    for (Job* job : jobs)
      if (job->answer.ok()) job->answer = reason;
    return Outcome::answered;
  }

  void run_group(Slot& slot, std::span<Job* const> jobs) {
    Outcome outcome = attempt(slot, jobs, Guard::none, false);
    if (outcome == Outcome::guard) outcome = attempt(slot, jobs, Guard::each, false);
    if (outcome == Outcome::answered) return;
    ++retries_;
    // One at a time, so that a single command's own order of locks is all that counts.
    for (Job* job : jobs)
      for (int tries = 0; tries < 5; ++tries)
        if (attempt(slot, {&job, 1}, Guard::none, tries == 4) == Outcome::answered) break;
  }

  void run_group(std::span<Job* const> jobs) {
    if (lanes() == 1) {
      const std::lock_guard lock(write_mutex);
      return run_group(writer, jobs);
    }
    Slot slot;
    {
      const std::lock_guard lock(slots_mutex);
      if (!slots.empty()) {
        slot = std::move(slots.back());
        slots.pop_back();
      }
    }
    run_group(slot, jobs);
    if (!slot || !slot->alive()) return;
    const std::lock_guard lock(slots_mutex);
    slots.push_back(std::move(slot));
  }

  // Those who were just answered come back in a moment: a short wait for them, never longer than a quarter of the last
  // group, fills the group instead of halving it. A single caller never waits.
  void gather(std::unique_lock<std::mutex>& lock) {
    if (lanes() > 1 || callers <= 1 || waiting.size() + 1 >= callers) return;
    gathering = true;
    arrived.wait_for(lock, std::min<Duration>(last_group / 4, std::chrono::milliseconds(2)), [&] { return waiting.size() + 1 >= callers; });
    gathering = false;
  }

  // Runs `own` and everything that waits, and hands the lane over.
  void lead(Job& own) {
    std::unique_lock lock(mutex);
    gather(lock);
    std::vector<Job*> group{&own};
    const auto more = static_cast<std::ptrdiff_t>(std::min(waiting.size(), options.max_batch - 1));
    group.insert(group.end(), waiting.begin(), waiting.begin() + more);
    waiting.erase(waiting.begin(), waiting.begin() + more);
    lock.unlock();
    const auto begun = std::chrono::steady_clock::now();
    run_group(group);
    lock.lock();
    last_group = std::chrono::steady_clock::now() - begun;
    callers = group.size() + waiting.size();
    counters.commands += group.size();
    counters.commits = commits_;
    counters.retries = retries_;
    for (const Job* member : group) counters.refused += member->answer.ok() ? 0 : 1;
    Job* next = nullptr;
    if (waiting.empty()) {
      --leaders;
    } else {
      next = waiting.front();
      waiting.pop_front();
    }
    lock.unlock();
    own.turn = Job::Turn::done;
    for (Job* member : group)
      if (member != &own) tell(*member, Job::Turn::done);
    if (next != nullptr) tell(*next, Job::Turn::lead);
  }

  // Nobody needs a lock to wake up: a thread that is told waits for nothing else. A job that is done may be gone at once.
  static void tell(Job& job, Job::Turn turn) {
    std::atomic<Job::Turn>& state = job.turn;
    state.store(turn);
    wake(state);
  }

#ifdef __linux__
  // As std::atomic::wait, but without its spinning: a sync is a thousand times longer than that.
  static void wake(std::atomic<Job::Turn>& state) { ::syscall(SYS_futex, &state, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }
  static void sleep(std::atomic<Job::Turn>& state) {
    static_assert(sizeof state == 4 && std::atomic<Job::Turn>::is_always_lock_free);
    while (state == Job::Turn::wait) ::syscall(SYS_futex, &state, FUTEX_WAIT_PRIVATE, static_cast<int>(Job::Turn::wait), nullptr, nullptr, 0);
  }
#else
  static void wake(std::atomic<Job::Turn>& state) { state.notify_one(); }
  static void sleep(std::atomic<Job::Turn>& state) { state.wait(Job::Turn::wait); }
#endif

  void finish(Job& job) {
    sleep(job.turn);
    if (job.turn == Job::Turn::lead) lead(job);
  }

  // With `mutex` held.
  void enter(Job& job) {
    if (leaders < lanes()) {
      ++leaders;
      job.turn = Job::Turn::lead;
    } else {
      waiting.push_back(&job);
      if (gathering && waiting.size() + 1 >= callers) arrived.notify_one();
    }
  }

  Status submit(FunctionRef<Status(Transaction&)> command) {
    Job job(command);
    {
      const std::lock_guard lock(mutex);
      enter(job);
    }
    finish(job);
    if (job.thrown) std::rethrow_exception(job.thrown);
    return std::move(job.answer);
  }

  // A transaction of a server waits for the wire and for others' locks: some at once keep it busy.
  int lanes() const { return backend == Backend::postgres ? 16 : 1; }
  std::mutex slots_mutex;
  std::vector<Slot> slots;

  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> retries_ = 0;

  Result<std::unique_ptr<Connection>> take_reader() {
    {
      const std::lock_guard lock(readers_mutex);
      if (!readers.empty()) {
        auto reader = std::move(readers.back());
        readers.pop_back();
        return reader;
      }
    }
    return connect(Begin::read);
  }

  Status read_on(Connection& connection, FunctionRef<Status(Transaction&)> query) {
    HOTLINE_TRY(connection.begin(Begin::read));
    struct End {
      Connection& c;
      ~End() { c.rollback(); }
    } end{connection};
    Transaction transaction(connection);
    return query(transaction);
  }

  Status read(FunctionRef<Status(Transaction&)> query) {
    if (memory) {
      const std::lock_guard lock(write_mutex);
      return read_on(*writer, query);
    }
    HOTLINE_ASSIGN(auto reader, take_reader());
    Status status = read_on(*reader, query);
    if (reader->alive()) {
      const std::lock_guard lock(readers_mutex);
      readers.push_back(std::move(reader));
    }
    return status;
  }
};

Result<Database> Database::open(const std::string& url, const Options& options) {
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  impl->options.max_batch = std::max<std::size_t>(1, options.max_batch);
  impl->url = url.starts_with("sqlite:") ? url.substr(7) : url;
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) impl->backend = Backend::postgres;
  impl->memory = impl->url == ":memory:";
  if (impl->url.empty()) return Error(ErrorCode::invalid_argument, "no database is named", "give a path or a postgresql:// URL");
  HOTLINE_ASSIGN(impl->writer, impl->connect(Begin::write));
  return Database(std::move(impl));
}

Backend Database::backend() const { return impl_->backend; }
Status Database::write(FunctionRef<Status(Transaction&)> command) {
  return impl_->submit(command);
}

std::vector<Status> Database::write_all(std::span<const Command> commands) {
  std::deque<Job> jobs;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const Command& command : commands)
      if (jobs.empty()) impl_->enter(jobs.emplace_back(command));
      else impl_->waiting.push_back(&jobs.emplace_back(command));
    if (impl_->gathering) impl_->arrived.notify_one();
  }
  for (Job& job : jobs) impl_->finish(job);
  std::vector<Status> answers;
  answers.reserve(jobs.size());
  for (Job& job : jobs) {
    if (job.thrown) std::rethrow_exception(job.thrown);
    answers.push_back(std::move(job.answer));
  }
  return answers;
}

Status Database::read(FunctionRef<Status(Transaction&)> query) { return impl_->read(query); }

Status Database::backup(const std::string& path, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  if (impl_->memory) {
    const std::lock_guard lock(impl_->write_mutex);
    return impl_->writer->backup(path, progress);
  }
  HOTLINE_ASSIGN(auto reader, impl_->take_reader());
  return reader->backup(path, progress);
}

Status Database::check() {
  if (impl_->memory) {
    const std::lock_guard lock(impl_->write_mutex);
    return impl_->writer->check();
  }
  HOTLINE_ASSIGN(auto reader, impl_->take_reader());
  return reader->check();
}

Counters Database::counters() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counters;
}

namespace {

// FNV-1a, to notice that an applied step was edited.
std::int64_t fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return static_cast<std::int64_t>(hash);
}

Status migrate_in(Connection& c, std::string_view box, std::span<const Migration> steps) {
  HOTLINE_TRY(c.lock_migrations());
  HOTLINE_TRY(c.run_script("CREATE TABLE IF NOT EXISTS hotline_migration (box TEXT NOT NULL, number {int} NOT NULL, "
                           "fingerprint {int} NOT NULL, PRIMARY KEY (box, number))"));
  std::vector<std::pair<std::int64_t, std::int64_t>> applied;
  const Bind boxed[] = {box};
  HOTLINE_TRY(c.query("SELECT number, fingerprint FROM hotline_migration WHERE box = ? ORDER BY number", boxed,
                      [&](const Row& row) { applied.emplace_back(row.integer(0), row.integer(1)); }));
  if (applied.size() > steps.size())
    return Error(ErrorCode::unsupported,
                 "the tables of `" + std::string(box) + "` are at step " + std::to_string(applied.size()) + ", this program knows " +
                     std::to_string(steps.size()),
                 "use a newer hotline");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::int64_t print = fingerprint(steps[i].sql);
    if (i < applied.size()) {
      if (applied[i].second == print) continue;
      return Error(ErrorCode::corrupt, "step " + std::to_string(i + 1) + " of `" + std::string(box) + "` was applied with another text",
                   "a released step is never edited: add a new one");
    }
    HOTLINE_TRY(c.run_script(steps[i].sql));
    const Bind row[] = {box, steps[i].number, print};
    HOTLINE_TRY(c.post("INSERT INTO hotline_migration (box, number, fingerprint) VALUES (?, ?, ?)", row));
  }
  return c.settle();
}

}  // namespace

Status Database::migrate(std::string_view box, std::span<const Migration> steps) {
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i].number != static_cast<int>(i) + 1)
      return Error(ErrorCode::invalid_argument, "the steps of `" + std::string(box) + "` do not count 1, 2, 3 ...");
  const std::lock_guard lock(impl_->write_mutex);
  HOTLINE_TRY(impl_->ensure(impl_->writer));
  Connection& c = *impl_->writer;
  HOTLINE_TRY(c.begin(Begin::write));
  Status done = migrate_in(c, box, steps);
  if (done.ok()) done = c.commit();
  if (!done.ok()) {
    c.rollback();
    return done.error().within("migration of `" + std::string(box) + "`");
  }
  return {};
}

}  // namespace hotline::store
