#include "hotline/ticket/document.hpp"

#include "ticket/impl.hpp"
#include "ticket/paper.hpp"

#ifdef HOTLINE_PAPERS
#include <kainjow/mustache.hpp>

#include <map>

namespace hotline::ticket {
namespace {

using kainjow::mustache::data;

// One template for screens and one for paper (Pango markup); both speak the language of the view they get.
constexpr const char* kHtml = R"(<!DOCTYPE html>
<html lang="{{lang}}"><head><meta charset="utf-8"><title>{{heading}} {{number}}</title><style>
body{font-family:"Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;max-width:46em;margin:2em auto;line-height:1.6}
h1{text-align:center;font-size:1.5em}table{border-collapse:collapse;width:100%}td,th{border:1px solid #888;padding:.3em .6em;text-align:left;vertical-align:top}
th{width:9em;background:#f3f3f3;font-weight:normal}.sign{text-align:right;margin-top:3em}@media print{body{margin:0}}</style></head><body>
<h1>{{heading}}</h1>{{#salutation}}<p>{{salutation}}</p><p>{{opening}}</p>{{/salutation}}
<table>{{#rows}}<tr><th>{{label}}</th><td>{{value}}</td></tr>{{/rows}}</table>
{{#history}}<h2>{{history_label}}</h2><table>{{#events}}<tr><td>{{at}}</td><td>{{type}}</td><td>{{actor}}</td><td>{{state}}</td></tr>{{/events}}</table>{{/history}}
{{#salutation}}<p>{{closing}}</p><p class="sign">{{office}}<br>{{date}}</p>{{/salutation}}
</body></html>
)";
constexpr const char* kPaper = R"(<span size="x-large"><b>{{heading}}</b></span>

{{#salutation}}{{salutation}}
    {{opening}}

{{/salutation}}{{#rows}}<b>{{label}}</b>  {{value}}
{{/rows}}{{#history}}
<b>{{history_label}}</b>
{{#events}}<span size="small">{{at}}  {{type}}  {{actor}}  {{state}}</span>
{{/events}}{{/history}}{{#salutation}}

    {{closing}}

{{office}}
{{date}}
{{/salutation}})";

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

Result<data> view_of(const Service& service, const Ticket& k, std::string_view kind, std::string_view language) {
  const Words say{!language.starts_with("en")};
  const auto& impl = service.impl();
  data view;
  const bool letter = kind == "letter" || kind == "supervision";
  view.set("lang", say.zh ? "zh-CN" : "en");
  view.set("number", k.number);
  view.set("heading", kind == "letter"        ? say("关于办理群众诉求的函", "Letter on a citizen's request")
                      : kind == "supervision" ? say("督办通知书", "Notice of supervision")
                                              : say("热线工单", "Hotline ticket"));
  HOTLINE_ASSIGN(const Names names, names_for(service, k, say));
  data rows{data::type::list};
  const auto row = [&](const char* label, const std::string& value) {
    if (value.empty()) return;
    data one;
    one.set("label", label);
    one.set("value", value);
    rows.push_back(one);
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
  row(say("状态", "State"), status.ok() ? status->phrase : k.state);
  if (k.due) row(say("办理时限", "Due"), local(impl.timezone, *k.due) + (k.overdue ? say("（已超期）", " (overdue)") : ""));
  row(say("答复", "Reply"), k.reply);
  view.set("rows", rows);
  if (letter) {
    view.set("salutation", (k.unit.empty() ? std::string(say("有关单位", "To whom it may concern")) : names.unit(k.unit)) + say("：", ":"));
    view.set("opening", kind == "letter" ? say("现将以下群众诉求转请贵单位办理，并请在时限内答复。", "Please handle the following request and reply in time.")
                                         : say("以下工单现予督办，请限期办结并书面说明情况。", "The following ticket is under supervision. Please close it in time and explain in writing."));
    view.set("closing", say("特此函告。", "Yours faithfully,"));
    view.set("office", say("12345政务服务便民热线", "12345 hotline office"));
    view.set("date", local(impl.timezone, k.updated_at).substr(0, 10));
    return view;
  }
  HOTLINE_ASSIGN(const auto events, service.history(k.id));
  data list{data::type::list};
  for (const auto& e : events) {
    data one;
    one.set("at", local(impl.timezone, e.at));
    one.set("type", names.event(e.type));
    one.set("actor", e.actor);
    one.set("state", names.state(e.state));
    list.push_back(one);
  }
  view.set("history", data{data::type::bool_true});
  view.set("history_label", say("办理过程", "History"));
  view.set("events", list);
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
  HOTLINE_ASSIGN(const data view, view_of(service, row, kind, language));
  if (format == "html") return render(kHtml, view);
  HOTLINE_ASSIGN(const std::string markup, render(kPaper, view));
  return to_pdf(markup, row.number, to_string(row.updated_at), kind == "ticket" ? 0 : 2);
}

Result<std::string> document_from(const Service& service, const Ticket& ticket, std::string_view mustache, std::string_view language) {
  HOTLINE_ASSIGN(const data view, view_of(service, ticket, "ticket", language));
  return render(std::string(mustache).c_str(), view);
}

}  // namespace hotline::ticket
#else
namespace hotline::ticket {
static Error without() { return Error(ErrorCode::unsupported, "this build makes no papers", "install libpango1.0-dev and libkainjow-mustache-dev and build again"); }
Result<std::string> document(const Service&, TicketId, std::string_view, std::string_view, std::string_view) { return without(); }
Result<std::string> document_from(const Service&, const Ticket&, std::string_view, std::string_view) { return without(); }
}  // namespace hotline::ticket
#endif
