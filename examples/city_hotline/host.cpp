#include "host.hpp"

#include <filesystem>

using namespace hotline;

namespace city {

void Spoken::prepare(std::vector<center::Utterance> pieces, Done done) {
  std::string text;
  for (const auto& piece : pieces) text += piece.text;
  voice_.prepare(std::move(pieces), [this, text, done = std::move(done)](std::vector<audio::Clip> clips) {
    audio::Samples sound;
    for (const audio::Clip& clip : clips) {
      sound.insert(sound.end(), audio::samples_in(clip.silence), 0);
      if (clip.pcm) sound.insert(sound.end(), clip.pcm->begin(), clip.pcm->end());
    }
    {
      const std::lock_guard lock(mutex_);
      prompts_.push_back({text, audio::make_pcm(std::move(sound))});
    }
    done(std::move(clips));
  });
}

Spoken::Prompt Spoken::find(const std::string& part) const {
  const std::lock_guard lock(mutex_);
  for (auto prompt = prompts_.rbegin(); prompt != prompts_.rend(); ++prompt)
    if (prompt->text.find(part) != std::string::npos) return *prompt;
  return {};
}

Result<std::unique_ptr<Host>> Host::start(HostOptions options) {
  std::unique_ptr<Host> host(new Host(std::move(options)));
  HOTLINE_TRY(host->open());
  return host;
}

Status Host::open() {
  std::error_code failed;
  std::filesystem::create_directories(options_.folder, failed);
  if (failed)
    return Error(ErrorCode::io, "cannot make `" + options_.folder + "`: " + failed.message(), "name another with --folder");

  HOTLINE_ASSIGN(auto setup, center::load_setup(options_.data));
  if (options_.adjust) options_.adjust(setup);
  HOTLINE_ASSIGN(auto database, store::Database::open(options_.folder + "/hotline.db"));
  database_.emplace(std::move(database));
  HOTLINE_ASSIGN(auto journal, JournalFile::open(options_.folder + "/journal.jsonl"));
  journal_.emplace(std::move(journal));
  // Prompts are kept beside the runs, so that the second start speaks at once.
  prompts_ = std::make_unique<audio::PromptCache>(std::filesystem::path(options_.folder).parent_path() / "prompts",
                                                  std::make_shared<audio::EspeakSynthesiser>());
  speech_ = std::make_unique<center::PromptSpeech>(
      *prompts_, std::vector<std::string>{options_.data + "/flows/prompts", options_.folder});
  spoken_ = std::make_unique<Spoken>(*speech_);

  sip::EndpointOptions line;
  line.address = options_.address;
  line.port = options_.port;
  HOTLINE_ASSIGN(endpoint_, sip::Endpoint::start(line, [this](audio::TelephonyEvent event) {
                   loop_.post([this, event = std::move(event)] {
                     if (hotline_) hotline_->handle(event, clock_.now());
                   });
                 }));

  center::World world{.telephony = *endpoint_,
                      .speech = *spoken_,
                      .database = *database_,
                      .folder = options_.folder,
                      .post = [this](std::function<void()> work) { loop_.post(std::move(work)); },
                      .journal = [this](std::string_view text) { (void)journal_->append(text); },
                      .journal_seq = journal_->next_seq(),
                      .notice = options_.notice,
                      .address = options_.phone_of};
  HOTLINE_ASSIGN(hotline_, center::Hotline::open(std::move(setup), std::move(world), clock_.now()));
  thread_ = std::thread([this] { loop_.run([this](Time now) { return hotline_->advance(now); }); });
  return {};
}

Host::~Host() {
  if (thread_.joinable()) {
    loop_.stop();
    thread_.join();
  }
  endpoint_.reset();
  speech_.reset();
  hotline_.reset();
  if (journal_) (void)journal_->sync();
}

}  // namespace city
