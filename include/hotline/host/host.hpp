// A hotline that runs: a center::Hotline with a SIP endpoint, a database, a voice, a journal, and one thread.
//
//   auto host = host::Host::start(host::load_options("host.yaml").value()).value();
//   host->apply("agent.sign_in", R"({"agent": "a801"})").value();
//   while (auto event = host->next_event(1s)) std::puts(event->c_str());
#pragma once

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "hotline/host/options.hpp"
#include "hotline/store.hpp"

namespace hotline::host {

// Synchronised, except for stop() and the destructor, which no other call may run beside.
class Host {
 public:
  // Telephones can call when it returns. Errors: io, unavailable (the port is taken), invalid_definition with place, and
  // those of the database.
  static Result<std::unique_ptr<Host>> start(Options options);
  // stop(), where that was not called.
  ~Host();
  // Ends all calls; what they said is on the disk when it returns. Looking and asking go on working.
  void stop();

  std::string uri() const;     // "sip:127.0.0.1:5060"
  std::uint16_t port() const;
  int open311_port() const;  // 0 where it was not asked for
  const std::string& folder() const;
  sip::Endpoint& line();

  // A command of center/command.hpp, or one of the host's own:
  //   clock {}  => {now}      clock.shift {by: "30m"}  => {now}     the virtual clock moves on, deadlines fall due
  //   figures {}              => {live, waiting, incoming, outgoing, refused, worst_tick}
  //   registrations {}        => {telephones: {user: contact}}
  // "" stands for no fields. Errors: those of center::apply, invalid_document.
  Result<std::string> apply(std::string_view verb, std::string_view fields = "");

  // The oldest notice that was not taken yet, as center::to_json; waits for one, at most `timeout`. 10,000 are kept:
  // where nobody takes them the oldest go, and {"type":"events.lost","count":n} says so.
  std::optional<std::string> next_event(Duration timeout);

  // What a flow's `query` node asks by this name. Called on the hotline's thread: must be quick, and not call the host.
  void answer_query(std::string name, center::Hotline::Query query);

  // Runs `work` on the hotline's thread and returns what it returns, or throws what it throws. On that thread itself
  // (inside a notice) it runs at once.
  template <class Work>
  auto ask(Work&& work) -> std::invoke_result_t<Work&, center::Hotline&, Time> {
    using Answer = std::invoke_result_t<Work&, center::Hotline&, Time>;
    std::promise<Answer> promise;
    auto answer = promise.get_future();
    run([&](center::Hotline& hotline, Time now) {
      try {
        if constexpr (std::is_void_v<Answer>) work(hotline, now), promise.set_value();
        else promise.set_value(work(hotline, now));
      } catch (...) {
        promise.set_exception(std::current_exception());
      }
    });
    return answer.get();
  }

  // The virtual clock moves on: every deadline in between has passed.
  void shift(Duration by);
  Time now() const;
  store::Database& database();

 private:
  struct Inner;
  explicit Host(std::unique_ptr<Inner> inner);
  // Returns when it has run.
  void run(const std::function<void(center::Hotline&, Time)>& work);
  std::unique_ptr<Inner> inner_;
};

}  // namespace hotline::host
