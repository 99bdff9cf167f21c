#include "demo.hpp"

#include <filesystem>

#include "hotline/text/spoken.hpp"

using namespace hotline;
using namespace std::chrono_literals;

namespace city {
namespace {

constexpr const char* kCitizen = "13800138000";
constexpr const char* kWaiting = "13900139000";
constexpr const char* kFirst = "13700137001";
constexpr const char* kSecond = "13700137002";

std::string percent(double correlation) { return std::to_string(correlation).substr(0, 6); }

}  // namespace

Result<std::unique_ptr<Telephones>> Telephones::start(const std::string& folder) {
  auto phones = std::make_unique<Telephones>();
  for (const char* name : {kCitizen, kWaiting, kFirst, kSecond, "801", "802"}) {
    HOTLINE_ASSIGN(phones->phones_[name], telephones::BaresipPhone::start({.name = name, .folder = folder + "/" + name}));
  }
  return phones;
}

std::string Telephones::address(const std::string& number) const {
  const auto found = phones_.find(number);
  return found == phones_.end() ? std::string() : found->second->uri();
}

void Telephones::keep(const std::string& folder) const {
  std::filesystem::create_directories(folder);
  for (const auto& [name, phone] : phones_) (void)audio::write_sound(folder + "/" + name + "-heard.wav", phone->heard());
}

bool Demo::await(const std::string& type, const std::string& part, std::chrono::seconds patience) {
  const bool came = screen_.await(
      [&](const center::Notice& n) {
        return n.type == type && (part.empty() || n.zh.find(part) != std::string::npos || n.party.find(part) != std::string::npos);
      },
      mark_, patience);
  if (!came) screen_.expect(false, "等不到 " + type + " " + part, "waited in vain for " + type + " " + part);
  return came;
}

std::string Demo::party_of(const std::string& type) const {
  const auto notices = screen_.after(mark_);
  for (auto n = notices.rbegin(); n != notices.rend(); ++n)
    if (n->type == type) return n->party;
  return {};
}

audio::Pcm Demo::sound_of(const std::string& part) const {
  for (int i = 0; i < 100; ++i) {
    if (audio::Pcm sound = spoken_.find(part).sound; sound && !sound->empty()) return sound;
    std::this_thread::sleep_for(100ms);
  }
  return audio::make_pcm({});
}

double Demo::heard(const std::string& phone, const audio::Pcm& sound) {
  if (!sound || sound->empty()) return 0;
  // It may still be on its way to the ear.
  const auto patience = std::chrono::steady_clock::now() + audio::length_of(sound) + 4s;
  double best = 0;
  while (best < 0.99) {
    const audio::Samples all = phones_[phone].heard();
    best = std::max(best, audio::align(*sound, all).correlation);
    if (std::chrono::steady_clock::now() > patience) break;
    std::this_thread::sleep_for(250ms);
  }
  return best;
}

bool Demo::hears(const std::string& phone, const std::string& part, const std::string& zh, const std::string& en) {
  const double correlation = heard(phone, sound_of(part));
  return screen_.expect(correlation >= 0.99, zh + "（相关 " + percent(correlation) + "）", en + " (correlation " + percent(correlation) + ")");
}

bool Demo::desk(const Deed& deed) {
  const Status done = host_.ask(deed);
  if (!done) screen_.expect(false, done.error().text(), "an agent's command was refused");
  return done.ok();
}

Status Demo::prepare() {
  audio::EspeakSynthesiser voice;
  HOTLINE_ASSIGN(citizen_voice_, voice.say({.text = "你好，我要反映一个问题。清泉街的路灯坏了三个晚上，请尽快来修。"}));
  HOTLINE_ASSIGN(agent_voice_, voice.say({.text = "您好，请讲。我已经记录，会转给承办单位。"}));
  return {};
}

void Demo::complaint() {
  screen_.heading("第一幕：投诉录音", "Scene 1: a complaint by recording");
  mark_ = screen_.mark();
  auto& citizen = phones_[kCitizen];
  (void)citizen.dial("sip:12345@" + host_.uri().substr(4));
  if (!await("prompt", "热线")) return;
  hears(kCitizen, "热线", "市民听到欢迎语", "the citizen hears the welcome");
  (void)citizen.press("2");
  if (!await("prompt", "投诉")) return;
  (void)citizen.press("2");
  if (!await("recording", {}, 35s)) return;
  std::this_thread::sleep_for(600ms);  // the beep
  (void)citizen.say(citizen_voice_);
  std::this_thread::sleep_for(audio::length_of(citizen_voice_) + 300ms);
  (void)citizen.press("#");
  if (!await("recorded")) return;
  if (!await("prompt", "确认")) return;
  (void)citizen.press("2");
  if (!await("key", "2")) return;
  const double replay = heard(kCitizen, citizen_voice_);
  screen_.expect(replay >= 0.9, "重放的是市民自己的话（相关 " + percent(replay) + "）", "the replay is what the citizen said (correlation " + percent(replay) + ")");
  (void)citizen.press("1");
  if (!await("ticket.accepted")) return;
  complaint_ = party_of("ticket.accepted");
  std::string spoken;
  (void)text::speak(spoken, text::Tongue::mandarin, text::SayAs::ticket, complaint_);
  if (await("prompt", spoken)) hears(kCitizen, spoken, "市民听到的受理号就是 " + complaint_, "the number heard is the ticket's, " + complaint_);
  (void)citizen.hang_up();
  await("call.ended");
  const auto found = host_.ask([&](center::Hotline& h, Time) { return h.tickets().find(complaint_); });
  screen_.expect(found.ok(), "工单在数据库中", "the ticket is in the database");
  if (!found) return;
  const auto attachments = host_.ask([&](center::Hotline& h, Time) { return h.tickets().attachments(found->id); });
  screen_.expect(attachments.ok() && attachments->size() == 1, "录音已附在工单上", "the recording is attached to it");
}

void Demo::enquiry() {
  screen_.heading("第二幕：查询进度", "Scene 2: the enquiry");
  mark_ = screen_.mark();
  auto& citizen = phones_[kCitizen];
  (void)citizen.dial("sip:12345@" + host_.uri().substr(4));
  if (!await("prompt", "热线")) return;
  (void)citizen.press("23");  // who knows the way types ahead
  if (!await("prompt", "受理号")) return;
  (void)citizen.press(complaint_);
  std::string spoken;
  (void)text::speak(spoken, text::Tongue::mandarin, text::SayAs::ticket, complaint_);
  if (!await("prompt", "您输入的是：" + spoken)) return;
  hears(kCitizen, "您输入的是：" + spoken, "市民听到号码复述", "the citizen hears the number read back");
  (void)citizen.press("1");
  if (!await("ticket.enquiry")) return;
  if (await("prompt", "您的投诉已受理，")) hears(kCitizen, "您的投诉已受理，", "市民听到办理状态", "the citizen hears the state");
  (void)citizen.hang_up();
  await("call.ended");
}

void Demo::person() {
  screen_.heading("第三幕：人工服务", "Scene 3: a person");
  mark_ = screen_.mark();
  const std::string target = "sip:12345@" + host_.uri().substr(4);
  desk([](center::Hotline& h, Time now) { return h.sign_in("a801", now); });
  desk([](center::Hotline& h, Time now) { return h.sign_in("a802", now); });
  // Two callers take both agents.
  for (const char* early : {kFirst, kSecond}) {
    mark_ = screen_.mark();
    (void)phones_[early].dial(target);
    if (!await("prompt", "热线")) return;
    (void)phones_[early].press("1");
    if (!await("connected")) return;
    screen_.expect(party_of("connected") == (early == kFirst ? "a801" : "a802"), "分配给空闲最久的座席", "it went to the agent who was idle longest");
  }
  mark_ = screen_.mark();
  auto& waiting = phones_[kWaiting];
  (void)waiting.dial(target);
  if (!await("prompt", "热线")) return;
  (void)waiting.press("1");
  if (!await("queued")) return;
  if (await("prompt", "排在")) hears(kWaiting, "排在", "市民听到排队位置", "the citizen hears the position");
  screen_.expect(host_.ask([](center::Hotline& h, Time) { return h.waiting_calls(); }) == 1, "座席全忙，市民在队列中", "all agents are busy: the citizen waits");
  (void)phones_[kSecond].hang_up();
  if (!await("talked")) return;
  desk([](center::Hotline& h, Time now) { return h.wrap_up_done("a802", now); });
  if (!await("offer") || !await("connected")) return;
  screen_.expect(party_of("connected") == "a802", "802 的话机振铃并接听", "agent 802's telephone rang and was answered");
  std::this_thread::sleep_for(2500ms);  // the agent's number is told
  (void)phones_["802"].say(agent_voice_);
  (void)waiting.say(citizen_voice_);
  const double to_citizen = heard(kWaiting, agent_voice_);
  screen_.expect(to_citizen >= 0.9, "市民听到座席（相关 " + percent(to_citizen) + "）", "the citizen hears the agent (correlation " + percent(to_citizen) + ")");
  const double to_agent = heard("802", citizen_voice_);
  screen_.expect(to_agent >= 0.9, "座席听到市民（相关 " + percent(to_agent) + "）", "the agent hears the citizen (correlation " + percent(to_agent) + ")");
  const auto typed = host_.ask([](center::Hotline& h, Time now) { return h.knowledge().suggest("gjjtq", {.jurisdiction = "990100"}, now); });
  screen_.expect(typed.ok() && !typed->empty(), typed.ok() && !typed->empty() ? "座席键入 gjjtq，联想：" + typed->front().text : "没有联想",
                 "the agent types gjjtq and is offered what it may mean");
  const auto hits = host_.ask([](center::Hotline& h, Time now) { return h.search("a802", "公积金怎么提取", now); });
  screen_.expect(hits.ok() && !hits->empty() && hits->front().title.find("公积金") != std::string::npos,
                 hits.ok() && !hits->empty() ? "知识库：" + hits->front().title + "（" + to_string(hits->front().citation()) + "）" : "知识库没有答案", "the knowledge base has the answer");
  const auto made = host_.ask([](center::Hotline& h, Time now) {
    return h.record_case("a802", {.title = "清泉街路灯不亮", .text = "清泉街12号楼下路灯连续三晚不亮，影响出行。", .category = "municipal", .citizen_name = "李女士"}, now);
  });
  screen_.expect(made.ok(), made.ok() ? "座席登记工单 " + *made : made.error().text(), "the agent records the complaint");
  if (made) case_ = *made;
  mark_ = screen_.mark();
  (void)waiting.hang_up();
  await("talked", "周明");
  desk([](center::Hotline& h, Time now) { return h.wrap_up_done("a802", now); });
  (void)phones_[kFirst].hang_up();
  await("talked", "林晓云");
  desk([](center::Hotline& h, Time now) { return h.wrap_up_done("a801", now); });
  std::this_thread::sleep_for(500ms);
  const auto found = host_.ask([&](center::Hotline& h, Time) { return h.tickets().find(case_); });
  const auto attachments = found ? host_.ask([&](center::Hotline& h, Time) { return h.tickets().attachments(found->id); }) : Result<std::vector<ticket::Attachment>>(found.error());
  screen_.expect(attachments.ok() && !attachments->empty(), "通话录音已附在工单上", "the conversation's recording is attached to the ticket");
}

bool Demo::play() {
  if (const Status ready = prepare(); !ready) {
    screen_.expect(false, ready.error().text(), "speech synthesis is needed: ./dev installs espeak-ng");
    return false;
  }
  complaint();
  enquiry();
  person();
  closed_loop();
  province();
  report();
  return screen_.failures() == 0;
}

}  // namespace city
