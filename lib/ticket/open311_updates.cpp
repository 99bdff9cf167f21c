// servicerequestupdates, an extension of GeoReport v2 by FixMyStreet (github.com/mysociety/FixMyStreet/wiki, "Open311 FMS"): what
// became of requests, with more words than open and closed; and what their reporters add.
#include "hotline/base/document.hpp"
#include "hotline/ticket/search.hpp"
#include "ticket/open311_call.hpp"

namespace hotline::ticket {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr std::size_t kMost = 1000;

// "fixed" only where the citizen said so: a closed request need not be a solved one.
std::string_view extended_status(std::string_view code, bool solved) {
  if (code == "handling" || code == "replied" || code == "answered") return "in_progress";
  if (code == "closed") return solved ? "fixed" : "closed";
  if (code == "rejected" || code == "withdrawn") return "no_further_action";
  if (code == "merged") return "duplicate";
  return "open";
}

struct Update {
  std::string id, number, status, text;
  Time at{};
};

// The steps of a ticket that a citizen can see: those that changed its public state.
struct Steps {
  const Call& call;
  Time first, last;
  std::vector<Update> out;
  std::string number, code;
  const workflow::PublicStatus* status = nullptr;

  void see(const store::Row& row, const Definition& d) {
    if (number != row.text(0)) code.clear(), number = row.text(0);
    const auto state = d.root().regions[0].find(row.text(3));
    status = state == workflow::kNone ? nullptr : d.public_status(state);
    if (status == nullptr || status->code == code) return;
    code = status->code;
    const Time at = row.time(2);
    if (at < first || at > last) return;
    const auto fields = parse_document(row.text(5), "fields");
    const Node* solved = fields.ok() ? fields->find("solved") : nullptr;
    const bool over = code == "closed";
    std::string text = status->phrase.en;
    if (over && !row.text(6).empty()) text += ": " + std::string(row.text(6));
    out.push_back({number + "-" + std::to_string(row.integer(1)), number, std::string(extended_status(code, solved != nullptr && solved->as_bool().value_or(false))), text, at});
  }
};

}  // namespace

// Of the last day where no time is given, oldest first.
HttpAnswer updates(const Call& call) {
  const auto last = time_of(call, "end_date", call.now);
  if (!last.ok()) return refuse(call, refused_by(last.error()));
  const auto first = time_of(call, "start_date", *last - Duration(kDay));
  if (!first.ok()) return refuse(call, refused_by(first.error()));
  Steps steps{call, *first, *last, {}, {}, {}};
  const Service::Impl& impl = call.service.impl();
  const Status read = call.service.database().read([&](store::Transaction& t) -> Status {
    Status bad;
    HOTLINE_TRY(t.query("SELECT k.number, e.version, e.at, e.state, k.definition, k.fields, k.reply FROM ticket k JOIN ticket_event e ON e.ticket = k.id "
                        "WHERE k.secrecy = 0 AND k.updated_at >= ? ORDER BY k.id, e.version",
                        {*first}, [&](const store::Row& row) {
                          const auto d = impl.definition(t, row.text(4));
                          if (d.ok()) steps.see(row, **d);
                          else bad = d.error();
                        }));
    return bad;
  });
  if (!read.ok()) return refuse(call, refused_by(read.error()));
  std::stable_sort(steps.out.begin(), steps.out.end(), [](const Update& a, const Update& b) { return a.at < b.at; });
  if (steps.out.size() > kMost) steps.out.resize(kMost);
  ReportWriter out(call.json, "service_requests_updates", "request_update");
  for (const Update& u : steps.out)
    out.begin().text("update_id", u.id).text("service_request_id", u.number).text("status", u.status).text("updated_datetime", to_string(u.at)).text("description", u.text)
        .text("media_url", "").end();
  return finish(call, 200, out.take());
}

// What the reporter adds stands beside the ticket as a note of its handling; the same `update_id` again writes nothing.
HttpAnswer post_update(const Call& call) {
  if (const auto refused = without_key(call)) return *refused;
  const std::string number = call.get("service_request_id"), text = call.get("description"), id = call.get("update_id");
  const auto ticket = call.service.find(number);
  if (!ticket.ok() || ticket->secrecy != Secrecy::open) return refuse(call, {404, "there is no service_request_id `" + number + "`"});
  if (text.empty()) return refuse(call, {400, "`description` is missing"});
  const Actor author{"open311:" + call.get("device_id"), {"supervisor"}, {}};
  const auto noted = Desk(call.service).write_note(author, ticket->id, NoteClass::state, text, call.now, id.empty() ? "" : "open311:" + number + ":" + id);
  if (!noted.ok()) return refuse(call, refused_by(noted.error()));
  ReportWriter out(call.json, "service_request_updates", "request_update");
  out.begin().text("update_id", std::to_string(noted->note)).end();
  return finish(call, 200, out.take());
}

}  // namespace hotline::ticket
