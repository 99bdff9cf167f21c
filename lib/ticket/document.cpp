#include "hotline/ticket/document.hpp"

#include "ticket/impl.hpp"
#include "ticket/paper.hpp"

#ifdef HOTLINE_PAPERS
#include <kainjow/mustache.hpp>

#include <map>

namespace hotline::ticket {
namespace {

using kainjow::mustache::data;

constexpr const char* kHtml = R"(<!DOCTYPE html>
<html lang="{{lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{heading}} {{number}}</title><style>
body{font-family:"Noto Sans CJK SC","Source Han Sans SC","WenQuanYi Micro Hei","PingFang SC","Microsoft YaHei",sans-serif;max-width:46em;margin:2em auto;padding:0 1em;line-height:1.6}
h1{text-align:center;font-size:1.5em}h2{font-size:1.1em}table{border-collapse:collapse;width:100%;table-layout:fixed}
td,th{border:1px solid #888;padding:.3em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere;white-space:pre-wrap}
th{width:7em;background:#f3f3f3;font-weight:normal}.history{font-size:.9em}.indent{text-indent:2em}.sign{text-align:right;margin-top:3em}
@page{size:A4;margin:2.5cm}@media print{body{margin:0;max-width:none}tr,.sign{break-inside:avoid}}</style></head><body>
<h1>{{heading}}</h1>{{#salutation}}<p>{{salutation}}</p><p class="indent">{{opening}}</p>{{/salutation}}
<table>{{#rows}}<tr><th>{{label}}</th><td>{{value}}</td></tr>{{/rows}}</table>
{{#history}}<h2>{{history_label}}</h2><table class="history">{{#events}}<tr><td>{{at}}</td><td>{{type}}</td><td>{{actor}}</td><td>{{state}}</td></tr>{{/events}}</table>{{/history}}
{{#salutation}}<p class="indent">{{closing}}</p><p class="sign">{{office}}<br>{{date}}</p>{{/salutation}}
</body></html>
)";

struct Words {
  bool zh;
  const char* operator()(const char* chinese, const char* english) const { return zh ? chinese : english; }
};

// Names instead of ids: events and states by the definition, units by the catalogue, channels and levels by our own words.
struct Names {
  Words say;
  DefinitionPtr definition;
  std::map<std::string, std::string> units;

  std::string text(const workflow::Text& label, const std::string& id) const {
    const std::string& words = say.zh ? label.zh : label.en;
    return words.empty() ? id : words;
  }
  std::string event(const std::string& type) const {
    for (const auto& machine : definition->machines())
      if (const auto e = machine.event(type); e != workflow::kNone) return text(machine.events[e].label, type);
    static const std::map<std::string, std::pair<const char*, const char*>, std::less<>> own{
        {"attach", {"附件", "attachment"}}, {"absorb", {"并入", "merged into this one"}}, {"release", {"拆出", "taken out again"}}, {"migrate", {"流程升级", "new rules"}},
        {"calendars", {"日历变更", "new calendar"}}, {"break_glass", {"紧急查阅", "emergency access"}}, {"forget_citizen", {"清除个人信息", "person forgotten"}}};
    static const std::map<std::string, std::pair<const char*, const char*>, std::less<>> letters{
        {"site.refer", {"上级（外单位）转来", "came from another site"}}, {"site.referred", {"已移交，对方签收", "received by the other site"}},
        {"site.referral_refused", {"对方不予接收", "refused by the other site"}}, {"site.progress", {"对方办理进展", "progress at the other site"}},
        {"site.notice", {"对方来函", "notice of the other site"}}, {"site.term", {"时限变更", "new term"}}, {"site.recall", {"对方撤回", "recalled by the other site"}}};
    if (const auto found = letters.find(type); found != letters.end()) return say(found->second.first, found->second.second);
    if (const auto found = own.find(type); found != own.end()) return say(found->second.first, found->second.second);
    return type.starts_with("timer:") ? std::string(say("定时：", "timer: ")) + type.substr(6) : type;
  }
  std::string state(const std::string& id) const {
    const auto& main = definition->root().regions[0];
    const auto s = main.find(id);
    return s == workflow::kNone ? id : text(main.states[s].label, id);
  }
  std::string unit(const std::string& id) const {
    const auto found = units.find(id);
    return found == units.end() || found->second.empty() ? id : found->second;
  }
  std::string word(const std::string& id) const {
    static const std::map<std::string, std::pair<const char*, const char*>, std::less<>> words{
        {"phone", {"电话", "telephone"}}, {"voicemail", {"语音留言", "voice mail"}}, {"fax", {"传真", "fax"}}, {"mail", {"电子邮件", "e-mail"}}, {"sms", {"短信", "short message"}},
        {"web", {"网站", "web"}}, {"chat", {"在线对话", "chat"}}, {"app", {"手机应用", "app"}}, {"letter", {"信函", "letter"}}, {"visit", {"来访", "visit"}},
        {"general", {"一般", "general"}}, {"urgent", {"紧急", "urgent"}}, {"utility", {"民生保障", "utility"}}, {"emergency", {"特急", "emergency"}}};
    const auto found = words.find(id);
    return found == words.end() ? id : say(found->second.first, found->second.second);
  }
};

Result<Names> names_for(const Service& service, const Ticket& k, Words say) {
  Names out{say, {}, {}};
  HOTLINE_TRY(service.database().read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(out.definition, service.impl().definition(t, k.definition));
    HOTLINE_ASSIGN(const auto catalogue, service.impl().catalogue(t, k.updated_at));
    if (catalogue)
      for (const Unit& unit : catalogue->units()) out.units[unit.id] = say.zh ? unit.name_zh : unit.name_en;
    return {};
  }));
  return out;
}

std::string local(const TimeZone& zone, Time at) {
  const auto date = zone.date_at(at);
  const auto second = std::chrono::floor<std::chrono::seconds>(at - zone.to_time(date, 0)).count();
  char clock[16];
  std::snprintf(clock, sizeof clock, " %02d:%02d", static_cast<int>(second / 3600), static_cast<int>(second / 60 % 60));
  return workflow::to_string(date) + clock;
}

// 2026年11月22日
std::string long_date(const TimeZone& zone, Time at, Words say) {
  const std::string date = workflow::to_string(zone.date_at(at));
  if (!say.zh) return date;
  const auto number = [&](std::size_t from, std::size_t n) { return std::to_string(std::atoi(date.substr(from, n).c_str())); };
  return number(0, 4) + "年" + number(5, 2) + "月" + number(8, 2) + "日";
}

Result<Paper> paper_of(const Service& service, const Ticket& k, std::string_view kind, std::string_view language) {
  const Words say{!language.starts_with("en")};
  const auto& impl = service.impl();
  Paper out;
  out.language = say.zh ? "zh-CN" : "en";
  out.number = k.number;
  out.created = to_string(k.updated_at);
  out.heading = kind == "letter"        ? say("关于办理群众诉求的函", "Letter on a citizen's request")
                : kind == "supervision" ? say("督办通知书", "Notice of supervision")
                                        : say("热线工单", "Hotline ticket");
  HOTLINE_ASSIGN(const Names names, names_for(service, k, say));
  const auto row = [&](const char* label, const std::string& value) {
    if (!value.empty()) out.rows.emplace_back(label, value);
  };
  const auto status = service.public_status(k.number, language);
  row(say("受理编号", "Number"), k.number);
  row(say("登记编号", "Registry"), k.registry);
  row(say("受理时间", "Received"), local(impl.timezone, k.created_at));
  row(say("来电渠道", "Channel"), names.word(k.channel));
  row(say("类别", "Category"), k.category);
  row(say("紧急程度", "Level"), names.word(k.level));
  if (k.citizen) {
    row(say("来电人", "Citizen"), k.citizen->name);
    row(say("联系电话", "Telephone"), k.citizen->phone);
  }
  row(say("地点", "Place"), k.place);
  row(say("标题", "Title"), k.title);
  row(say("诉求内容", "Content"), k.content);
  row(say("承办单位", "Unit"), names.unit(k.unit));
  row(say("状态", "State"), status.ok() ? status->phrase : names.state(k.state));
  if (k.due) row(say("办理时限", "Due"), local(impl.timezone, *k.due) + (k.overdue ? say("（已超期）", " (overdue)") : ""));
  row(say("答复", "Reply"), k.reply);
  if (kind == "letter" || kind == "supervision") {
    out.salutation = (k.unit.empty() ? std::string(say("有关单位", "To whom it may concern")) : names.unit(k.unit)) + say("：", ":");
    out.opening = kind == "letter" ? say("现将以下群众诉求转请贵单位办理，并请在时限内答复。", "Please handle the following request and reply in time.")
                                   : say("以下工单现予督办，请限期办结并书面说明情况。", "The following ticket is under supervision. Please close it in time and explain in writing.");
    out.closing = kind == "letter" ? say("特此函告。", "Yours faithfully,") : say("特此通知。", "By order,");
    out.office = say("12345政务服务便民热线", "12345 hotline office");
    out.date = long_date(impl.timezone, k.updated_at, say);
    return out;
  }
  out.history_label = say("办理过程", "History");
  HOTLINE_ASSIGN(const auto events, service.history(k.id));
  for (const auto& e : events) out.events.push_back({local(impl.timezone, e.at), names.event(e.type), names.unit(e.actor), names.state(e.state)});
  return out;
}

data view_of(const Paper& paper) {
  data view, rows{data::type::list}, events{data::type::list};
  for (const auto& [label, value] : paper.rows) {
    data one;
    one.set("label", label);
    one.set("value", value);
    rows.push_back(one);
  }
  for (const auto& event : paper.events) {
    data one;
    one.set("at", event[0]);
    one.set("type", event[1]);
    one.set("actor", event[2]);
    one.set("state", event[3]);
    events.push_back(one);
  }
  for (const auto& [name, value] : {std::pair{"lang", &paper.language}, {"number", &paper.number}, {"heading", &paper.heading}, {"opening", &paper.opening},
                                    {"history_label", &paper.history_label}, {"closing", &paper.closing}, {"office", &paper.office}, {"date", &paper.date}})
    view.set(name, *value);
  if (!paper.salutation.empty()) view.set("salutation", paper.salutation);
  if (!paper.history_label.empty()) view.set("history", data{data::type::bool_true});
  view.set("rows", rows);
  view.set("events", events);
  return view;
}

Result<std::string> render(const char* text, const data& view) {
  kainjow::mustache::mustache page{std::string(text)};
  if (!page.is_valid()) return Error(ErrorCode::invalid_document, "the template is not valid: " + page.error_message(), "see mustache(5)");
  return page.render(view);
}

}  // namespace

Result<std::string> document(const Service& service, TicketId ticket, std::string_view kind, std::string_view format, std::string_view language) {
  if (kind != "ticket" && kind != "letter" && kind != "supervision")
    return Error(ErrorCode::invalid_argument, "no paper of kind `" + std::string(kind) + "`", "ticket, letter or supervision");
  if (format != "html" && format != "pdf") return Error(ErrorCode::invalid_argument, "no format `" + std::string(format) + "`", "html or pdf");
  HOTLINE_ASSIGN(Ticket row, service.find(ticket));
  if (row.secrecy != Secrecy::open) row.citizen.reset();
  HOTLINE_ASSIGN(const Paper paper, paper_of(service, row, kind, language));
  return format == "html" ? render(kHtml, view_of(paper)) : to_pdf(paper);
}

Result<std::string> document_from(const Service& service, const Ticket& ticket, std::string_view mustache, std::string_view language) {
  HOTLINE_ASSIGN(const Paper paper, paper_of(service, ticket, "ticket", language));
  return render(std::string(mustache).c_str(), view_of(paper));
}

}  // namespace hotline::ticket
#else
namespace hotline::ticket {
static Error without() { return Error(ErrorCode::unsupported, "this build makes no papers", "install libpango1.0-dev and libkainjow-mustache-dev and build again"); }
Result<std::string> document(const Service&, TicketId, std::string_view, std::string_view, std::string_view) { return without(); }
Result<std::string> document_from(const Service&, const Ticket&, std::string_view, std::string_view) { return without(); }
}  // namespace hotline::ticket
#endif
