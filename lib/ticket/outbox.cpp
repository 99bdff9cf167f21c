#include "ticket/outbox.hpp"

namespace hotline::ticket {
namespace {

// How a citizen who came by `channel` is answered.
std::string_view way_back(std::string_view channel) {
  if (channel == "phone" || channel == "voicemail") return "voice";
  if (channel == "fax" || channel == "mail" || channel == "sms" || channel == "letter") return channel;
  if (channel == "web" || channel == "chat" || channel == "app") return "web";
  return "sms";
}

std::string_view channel_for(std::string_view recipient, std::string_view ticket_channel) {
  if (recipient == "citizen") return way_back(ticket_channel);
  if (recipient.starts_with("unit:")) return "unit";
  return recipient == "host" ? "host" : "screen";
}

// "water" -> "unit:water"; names of roles -> "role:reviewer".
std::string recipient_of(const Definition& d, std::string_view to) {
  if (to == "citizen" || to == "host" || to.find(':') != to.npos) return std::string(to);
  return (d.role(to) != workflow::kNone ? "role:" : "unit:") + std::string(to);
}

Status post(store::Transaction& t, const Loaded& ticket, std::string_view to, std::string_view channel, std::string_view name, std::string_view body,
            Time at, int& n) {
  const std::string key = ticket.row.number + ":" + std::to_string(ticket.row.version + 1) + ":" + std::to_string(n++);
  return t.post("INSERT INTO ticket_outbox (ticket, key, channel, recipient, template, body, due, attempts, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
                {ticket.row.id.value, key, channel.empty() ? channel_for(to, ticket.row.channel) : channel, to, name, body, at, at});
}

}  // namespace

// A row for every recipient: each is delivered, retried and failed on its own.
Status post_outbox(store::Transaction& t, const Loaded& ticket, const workflow::Decision& decision, const workflow::Effect& e, Time at, int& n) {
  const Definition& d = *ticket.definition;
  std::vector<std::string> recipients;
  std::string channel, body;
  bool addressed = false;  // `to` was given; an empty list is nobody
  JsonWriter json(body);
  json.begin_object();
  for (const auto& argument : decision.arguments_of(e)) {
    if (argument.name == "to") {
      addressed = true;
      if (argument.value.kind() == expr::Kind::string) recipients.push_back(recipient_of(d, argument.value.as_string()));
      for (const auto& item : argument.value.items()) recipients.push_back(recipient_of(d, item.as_string()));
      continue;
    }
    if (argument.name == "channel") channel = argument.value.as_string();
    json.key(argument.name);
    argument.value.write_json(json);
  }
  json.end_object();
  if (!addressed) recipients.push_back(e.kind == workflow::Effect::Kind::emit ? "host" : "citizen");
  for (const std::string& to : recipients) HOTLINE_TRY(post(t, ticket, to, channel, e.name, body, at, n));
  return {};
}

Status post_enforcement(store::Transaction& t, const Loaded& ticket, std::string_view unit, std::string_view leader, Time at, int& n) {
  std::string body;
  JsonWriter(body).begin_object().field("unit", unit).field("level", ticket.row.level).field("title", ticket.row.title).field("place", ticket.row.place).end_object();
  return post(t, ticket, "leader:" + std::string(leader), "conference", "enforcement", body, at, n);
}

Result<std::vector<OutboxItem>> Service::claim_outbox(Time now, Duration lease, int limit) {
  std::vector<OutboxItem> items;
  const Status status = impl_->database.write([&](store::Transaction& t) -> Status {
    items.clear();
    std::vector<std::optional<std::int64_t>> citizens;
    HOTLINE_TRY(t.query("SELECT o.id, o.ticket, o.key, o.channel, o.recipient, o.template, o.body, o.attempts, k.number, k.citizen FROM ticket_outbox o "
                        "JOIN ticket k ON k.id = o.ticket WHERE o.due <= ? AND NOT EXISTS (SELECT 1 FROM ticket_site s WHERE o.recipient = 'unit:' || s.unit) ORDER BY o.due, o.id LIMIT ? " +
                            std::string(t.backend() == store::Backend::postgres ? "FOR UPDATE OF o SKIP LOCKED" : ""),
                        {now, limit}, [&](const store::Row& row) {
                          OutboxItem item;
                          item.id = row.integer(0);
                          item.ticket = TicketId{static_cast<std::uint64_t>(row.integer(1))};
                          item.key = row.text(2);
                          item.channel = row.text(3);
                          item.recipient = row.text(4);
                          item.text_template = row.text(5);
                          item.body = row.text(6);
                          item.attempts = static_cast<int>(row.integer(7)) + 1;
                          item.number = row.text(8);
                          item.due = now;
                          items.push_back(std::move(item));
                          citizens.push_back(row.maybe_integer(9));
                        }));
    if (items.empty()) return Error(ErrorCode::not_found, "nothing is due");
    for (std::size_t i = 0; i < items.size(); ++i) {
      HOTLINE_TRY(t.post("UPDATE ticket_outbox SET due = ?, attempts = attempts + 1 WHERE id = ?", {now + lease, items[i].id}));
      if (items[i].recipient != "citizen" || !citizens[i]) continue;
      HOTLINE_ASSIGN(const auto citizen, impl_->open_citizen(t, *citizens[i]));
      if (citizen) items[i].address = items[i].channel == "mail" ? citizen->email : items[i].channel == "letter" ? citizen->address : citizen->phone;
    }
    return {};
  });
  if (!status.ok() && status.code() != ErrorCode::not_found) return status.error();
  return items;
}

Status Service::delivered(std::int64_t item, Time at) {
  return impl_->database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto changed, t.execute("UPDATE ticket_outbox SET due = NULL, done_at = ?, problem = NULL WHERE id = ?", {at, item}));
    if (changed == 0) return Error(ErrorCode::not_found, "there is no outbox row " + std::to_string(item));
    return {};
  });
}

Status Service::undelivered(std::int64_t item, std::string_view reason, std::optional<Time> retry_at) {
  return impl_->database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto changed,
                   t.execute("UPDATE ticket_outbox SET due = ?, problem = ? WHERE id = ? AND done_at IS NULL", {retry_at, reason, item}));
    if (changed == 0) return Error(ErrorCode::not_found, "there is no undelivered outbox row " + std::to_string(item));
    return {};
  });
}

}  // namespace hotline::ticket
