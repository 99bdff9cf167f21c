#include "hotline/host/host.hpp"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <thread>

#include "events.hpp"
#include "hotline/audio.hpp"
#include "hotline/center.hpp"
#include "hotline/ticket/open311.hpp"

namespace hotline::host {
namespace {

// Shows what is said to whom it may concern, and passes it on.
class Overheard : public center::Speech {
 public:
  using Ear = std::function<void(const std::string&, const std::vector<audio::Clip>&)>;
  Overheard(std::unique_ptr<center::Speech> voice, Ear ear) : voice_(std::move(voice)), ear_(std::move(ear)) {}
  // From now on nothing is said, and what was asked for is not answered.
  void close() { voice_.reset(); }
  void prepare(std::vector<center::Utterance> pieces, Done done) override {
    if (!voice_) return;
    if (!ear_) return voice_->prepare(std::move(pieces), std::move(done));
    std::string text;
    for (const auto& piece : pieces) text += piece.text;
    voice_->prepare(std::move(pieces), [this, text, done = std::move(done)](std::vector<audio::Clip> clips) {
      ear_(text, clips);
      done(std::move(clips));
    });
  }

 private:
  std::unique_ptr<center::Speech> voice_;
  Ear ear_;
};

std::string with_number(std::string pattern, const std::string& number) {
  return pattern.replace(pattern.find("{number}"), 8, number);
}

}  // namespace

struct Host::Inner {
  explicit Inner(Options o) : options(std::move(o)), clock(options.clock ? center::Clock(*options.clock) : center::Clock()), loop(clock) {}
  ~Inner() { stop(); }

  Status open();
  Status open_folder();
  Status open_line();
  Status open_hotline();
  Status open_web();
  void stop();
  std::string figures();

  Options options;
  center::Clock clock;
  center::Loop loop;
  Events events;
  std::optional<store::Database> database;
  std::optional<JournalFile> journal;
  std::unique_ptr<audio::PromptCache> prompts;
  std::unique_ptr<Overheard> speech;
  std::unique_ptr<sip::Endpoint> endpoint;
  std::unique_ptr<center::Hotline> hotline;
  std::optional<ticket::Open311Server> web;
  std::string uri;
  std::thread thread;
  std::recursive_mutex gate;  // held while posting, so that nothing is posted to a loop that has ended; and while running after it
  bool running = false;
};

Status Host::Inner::open() {
  HOTLINE_TRY(open_folder());
  HOTLINE_TRY(open_line());
  HOTLINE_TRY(open_hotline());
  HOTLINE_TRY(open_web());
  running = true;
  thread = std::thread([this] { loop.run([this](Time now) { return hotline->advance(now); }); });
  return {};
}

Status Host::Inner::open_folder() {
  std::error_code failed;
  std::filesystem::create_directories(options.folder, failed);
  if (failed) return Error(ErrorCode::io, "cannot make `" + options.folder + "`: " + failed.message(), "name another folder, or make it writable");
  HOTLINE_ASSIGN(auto opened, store::Database::open(options.database.empty() ? options.folder + "/hotline.db" : options.database));
  database.emplace(std::move(opened));
  HOTLINE_ASSIGN(auto lines, JournalFile::open(options.folder + "/journal.jsonl"));
  journal.emplace(std::move(lines));
  prompts = std::make_unique<audio::PromptCache>(options.prompts.empty() ? options.folder + "/prompts" : options.prompts,
                                                 std::make_shared<center::SpokenDigits>(std::make_shared<audio::EspeakSynthesiser>()));
  auto voice = std::make_unique<center::PromptSpeech>(*prompts, std::vector<std::string>{options.data + "/flows/prompts", options.folder});
  speech = std::make_unique<Overheard>(std::move(voice), options.spoken);
  return {};
}

Status Host::Inner::open_line() {
  HOTLINE_ASSIGN(endpoint, sip::Endpoint::start(options.line, [this](audio::TelephonyEvent event) {
                   loop.post([this, event = std::move(event)] {
                     if (hotline) hotline->handle(event, clock.now());
                   });
                 }));
  uri = endpoint->uri();
  return {};
}

Status Host::Inner::open_hotline() {
  HOTLINE_ASSIGN(auto setup, center::load_setup(options.data));
  if (options.office_hours) {
    HOTLINE_ASSIGN(const Time morning, center::next_office_morning(setup, clock.now()));
    clock.shift(morning - clock.now());
  }
  for (const auto& telephone : options.telephones) {
    const auto person = std::find_if(setup.agents.begin(), setup.agents.end(), [&](const auto& p) { return p.id == telephone.first; });
    if (person == setup.agents.end())
      return Error(ErrorCode::not_found, "a telephone for `" + telephone.first + "`, who is not an agent of city.yaml", "use an id of its `agents`");
    person->phone = telephone.second;
  }
  center::World world{.telephony = *endpoint,
                      .speech = *speech,
                      .database = *database,
                      .folder = options.folder,
                      .post = [this](std::function<void()> work) { loop.post(std::move(work)); },
                      .journal = [this](std::string_view text) { (void)journal->append(text); },
                      .journal_seq = journal->next_seq(),
                      .notice = [this](const center::Notice& notice) {
                        events.add(center::to_json(notice));
                        if (options.notice) options.notice(notice);
                      }};
  world.address = options.address;
  if (!world.address && !options.citizens.empty())
    world.address = [this](const std::string& number) { return with_number(options.citizens, number); };
  HOTLINE_ASSIGN(hotline, center::Hotline::open(std::move(setup), std::move(world), clock.now()));
  return {};
}

Status Host::Inner::open_web() {
  if (!options.open311) return {};
  const std::string& name = hotline->setup().open311;
  if (name.empty()) return Error(ErrorCode::invalid_definition, "Open311 was asked for, and city.yaml names no services", "add `open311: FILE`");
  HOTLINE_ASSIGN(const Node file, load_document(hotline->setup().path(name)));
  HOTLINE_ASSIGN(auto services, ticket::Open311Options::parse(file.to_json(), name));
  HOTLINE_ASSIGN(auto server, ticket::Open311Server::start(hotline->tickets(), std::move(services), *options.open311, [this] { return clock.now(); }));
  web.emplace(std::move(server));
  return {};
}

// The calls end first, while the loop still turns: their recordings and records are written by it.
void Host::Inner::stop() {
  if (!running) return;
  if (web) web->stop();
  endpoint->stop();
  {
    const std::lock_guard lock(gate);
    running = false;
    loop.post([this] { hotline->close(clock.now()); });
    loop.stop();
  }
  thread.join();
  speech->close();
  (void)journal->sync();
  events.close();
}

std::string Host::Inner::figures() {
  const auto figures = endpoint->figures();
  std::string out;
  JsonWriter(out).begin_object().field("live", hotline->live_calls()).field("waiting", hotline->waiting_calls())
      .field("incoming", figures.incoming).field("outgoing", figures.outgoing).field("refused", figures.refused)
      .field("worst_tick", to_string(figures.worst_tick)).end_object();
  return out;
}

Host::Host(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
Host::~Host() = default;
void Host::stop() { inner_->stop(); }

Result<std::unique_ptr<Host>> Host::start(Options options) {
  auto inner = std::make_unique<Inner>(std::move(options));
  HOTLINE_TRY(inner->open());
  return std::unique_ptr<Host>(new Host(std::move(inner)));
}

std::string Host::uri() const { return inner_->uri; }
std::uint16_t Host::port() const { return static_cast<std::uint16_t>(std::stoi(inner_->uri.substr(inner_->uri.rfind(':') + 1))); }
const std::string& Host::folder() const { return inner_->options.folder; }
int Host::open311_port() const { return inner_->web ? inner_->web->port() : 0; }
sip::Endpoint& Host::line() { return *inner_->endpoint; }
void Host::shift(Duration by) {
  inner_->clock.shift(by);
  run([](center::Hotline&, Time) {});  // the loop looks at the clock
}
Time Host::now() const { return inner_->clock.now(); }
store::Database& Host::database() { return *inner_->database; }
std::optional<std::string> Host::next_event(Duration timeout) { return inner_->events.take(timeout); }

void Host::answer_query(std::string name, center::Hotline::Query query) {
  run([&](center::Hotline& hotline, Time) { hotline.answer_query(std::move(name), std::move(query)); });
}

void Host::run(const std::function<void(center::Hotline&, Time)>& work) {
  if (std::this_thread::get_id() == inner_->thread.get_id()) return work(*inner_->hotline, inner_->clock.now());
  std::promise<void> ran;
  auto end = ran.get_future();
  {
    const std::lock_guard lock(inner_->gate);
    if (!inner_->running) return work(*inner_->hotline, inner_->clock.now());
    inner_->loop.post([&] {
      work(*inner_->hotline, inner_->clock.now());
      ran.set_value();
    });
  }
  end.get();
}

Result<std::string> Host::apply(std::string_view verb, std::string_view text) {
  HOTLINE_ASSIGN(const Node fields, parse_document(text.empty() ? "{}" : text, "fields"));
  if (verb == "clock" || verb == "clock.shift") {
    Diagnostics diagnostics{"command"};
    Fields asked(fields, diagnostics, "`" + std::string(verb) + "`");
    const Duration by = verb == "clock" ? Duration{} : asked.duration("by", Duration{});
    asked.finish();
    HOTLINE_TRY(diagnostics.status());
    shift(by);
    return "{\"now\":\"" + to_string(now()) + "\"}";
  }
  if (verb == "figures") return ask([&](center::Hotline&, Time) { return inner_->figures(); });
  if (verb == "registrations") {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("telephones").begin_object();
    for (const auto& [user, contact] : inner_->endpoint->registrations()) json.field(user, contact);
    json.end_object().end_object();
    return out;
  }
  return ask([&](center::Hotline& hotline, Time now) { return center::apply(hotline, verb, fields, now); });
}

}  // namespace hotline::host
