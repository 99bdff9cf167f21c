// Scene 6: what happened, as a page and a few lines.
#include <fstream>
#include <sstream>

#include "demo.hpp"

using namespace hotline;

namespace city {
namespace {

std::string escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out += c;
  }
  return out;
}

std::string seconds(Duration d) { return std::to_string(d / std::chrono::seconds{1}) + " s"; }

}  // namespace

void Demo::report() {
  screen_.heading("第六幕：报表", "Scene 6: the report");
  const auto calls = host_.ask([](center::Hotline& h, Time now) { return h.records().calls(Time{}, now + std::chrono::hours{1}); });
  if (!screen_.expect(calls.ok() && !calls->empty(), "通话记录", "the calls")) return;
  std::ostringstream rows;
  std::size_t answered = 0, asked = 0;
  Duration waited{};
  for (const center::CallRecord& call : *calls) {
    if (!call.queue.empty()) ++asked;
    if (call.outcome == "answered") {
      ++answered;
      waited += call.waited;
    }
    rows << "<tr><td>" << to_string(call.started).substr(0, 19) << "<td>" << (call.direction == center::Direction::inbound ? "呼入 in" : "呼出 out")
         << "<td>" << escape(call.citizen) << "<td>" << call.outcome << "<td>" << call.agent << "<td>" << seconds(call.waited) << "<td>"
         << seconds(call.talked) << "<td>" << call.ticket << "</tr>\n";
    screen_.line("            " + to_string(call.started).substr(11, 8) + "  " + (call.direction == center::Direction::inbound ? "in  " : "out ") + call.citizen +
                 "  " + call.outcome + (call.agent.empty() ? "" : "  " + call.agent) + (call.ticket.empty() ? "" : "  ▤ " + call.ticket));
  }
  screen_.line("            通话 calls " + std::to_string(calls->size()) + "，转人工 asked for a person " + std::to_string(asked) + "，接通 answered " +
               std::to_string(answered) + (answered > 0 ? "，平均等待 mean wait " + seconds(waited / static_cast<int>(answered)) : ""));
  std::ostringstream tickets;
  for (const std::string& number : {complaint_, case_}) {
    const auto found = host_.ask([&](center::Hotline& h, Time) { return h.tickets().find(number); });
    if (!found) continue;
    tickets << "<tr><td>" << found->number << "<td>" << found->registry << "<td>" << escape(found->title) << "<td>" << found->state << "<td>"
            << (found->overdue ? "是 yes" : "否 no") << "<td>" << escape(found->reply) << "</tr>\n";
    screen_.line("            ▤ " + found->number + "  " + found->state + "  " + found->title + (found->overdue ? "  超期 overdue" : ""));
  }
  const std::string path = host_.folder() + "/report.html";
  std::ofstream page(path);
  page << "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>云川市 12345 · Yunchuan</title>"
          "<style>body{font:15px/1.6 sans-serif;margin:3em auto;max-width:70em;color:#223}table{border-collapse:collapse;width:100%;margin:1em 0 3em}"
          "td,th{text-align:left;padding:.4em .8em;border-bottom:1px solid #dde}h1{font-weight:500}</style>"
          "<h1>云川市 12345 热线 · The hotline of Yunchuan</h1><h2>通话 Calls</h2><table><tr><th>时间 UTC<th>方向<th>市民 citizen<th>结果 outcome<th>座席 "
          "agent<th>等待 waited<th>通话 talked<th>受理号 ticket</tr>"
       << rows.str() << "</table><h2>工单 Tickets</h2><table><tr><th>受理号 number<th>登记号 registry<th>标题 title<th>状态 state<th>超期 overdue<th>答复 reply</tr>"
       << tickets.str() << "</table></html>\n";
  screen_.expect(static_cast<bool>(page), "报表已写入 " + path, "the report is written");
}

}  // namespace city
