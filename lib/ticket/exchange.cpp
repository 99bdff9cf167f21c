#include "hotline/ticket/exchange.hpp"

#include <algorithm>
#include <map>

#include "hotline/base/document.hpp"
#include "hotline/base/xml.hpp"
#include "ticket/impl.hpp"

namespace hotline::ticket {
namespace {

using Write = std::function<void(std::string_view)>;

constexpr std::string_view kFormula = "=+-@\t\r'";

// RFC 4180. A ' before = + - @ keeps a text from becoming a formula in a spreadsheet; unguarded() takes it off again.
std::string csv(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && kFormula.find(text.front()) != kFormula.npos) out += '\'';
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

Status write_csv(const Service& service, const Write& write) {
  write("number,registry,created_at,closed_at,due,overdue,state,channel,kind,category,area,level,title,content,place,unit,reply\r\n");
  return service.database().read([&](store::Transaction& t) {
    return t.query(std::string("SELECT ") + kTicketColumns + " FROM ticket ORDER BY id", {}, [&](const store::Row& row) {
      const Ticket k = read_ticket(row);
      const auto time = [](const std::optional<Time>& at) { return at ? to_string(*at) : std::string(); };
      std::string line = k.number + "," + k.registry + "," + to_string(k.created_at) + "," + time(k.closed_at) + "," + time(k.due) + "," + (k.overdue ? "1" : "0");
      for (const std::string* text : {&k.state, &k.channel, &k.kind, &k.category, &k.area, &k.level, &k.title, &k.content, &k.place, &k.unit, &k.reply})
        line += "," + csv(*text);
      write(line + "\r\n");
    });
  });
}

Status write_tickets(const Service& service, const Write& write) {
  return service.database().read([&](store::Transaction& t) {
    return t.query(std::string("SELECT ") + kTicketColumns + " FROM ticket ORDER BY id", {}, [&](const store::Row& row) {
      const Ticket k = read_ticket(row);
      std::string line;
      JsonWriter out(line);
      out.begin_object().field("number", k.number).field("registry", k.registry).field("created_at", to_string(k.created_at));
      if (k.closed_at) out.field("closed_at", to_string(*k.closed_at));
      if (k.due) out.field("due", to_string(*k.due));
      out.field("overdue", k.overdue).field("state", k.state).field("channel", k.channel).field("kind", k.kind).field("category", k.category);
      out.field("area", k.area).field("level", k.level).field("title", k.title).field("content", k.content).field("place", k.place);
      out.field("unit", k.unit).field("reply", k.reply).end_object();
      write(line + "\n");
    });
  });
}

constexpr const char* kEvents =
    "SELECT k.number, e.version, e.at, e.type, e.actor, e.unit, e.state, k.category, e.ticket FROM ticket_event e JOIN ticket k ON k.id = e.ticket "
    "ORDER BY e.ticket, e.version";

Status write_jsonl(const Service& service, const Write& write) {
  return service.database().read([&](store::Transaction& t) {
    return t.query(kEvents, {}, [&](const store::Row& row) {
      std::string line;
      JsonWriter(line).begin_object().field("number", row.text(0)).field("version", row.integer(1)).field("at", to_string(row.time(2)))
          .field("event", row.text(3)).field("actor", row.text(4)).field("unit", row.text(5)).field("state", row.text(6)).end_object();
      write(line + "\n");
    });
  });
}

Status write_xes(const Service& service, const Write& write) {
  write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1849.2016\" xes.features=\"\" xmlns=\"http://www.xes-standard.org/\">\n"
        "<extension name=\"Concept\" prefix=\"concept\" uri=\"http://www.xes-standard.org/concept.xesext\"/>\n"
        "<extension name=\"Time\" prefix=\"time\" uri=\"http://www.xes-standard.org/time.xesext\"/>\n"
        "<extension name=\"Organizational\" prefix=\"org\" uri=\"http://www.xes-standard.org/org.xesext\"/>\n"
        "<extension name=\"Lifecycle\" prefix=\"lifecycle\" uri=\"http://www.xes-standard.org/lifecycle.xesext\"/>\n");
  std::int64_t open = 0;
  const auto status = service.database().read([&](store::Transaction& t) {
    return t.query(kEvents, {}, [&](const store::Row& row) {
      if (row.integer(8) != open) {
        write(open != 0 ? "</trace>\n<trace>" : "<trace>");
        open = row.integer(8);
        write("<string key=\"concept:name\" value=\"" + xml_text(row.text(0)) + "\"/><string key=\"category\" value=\"" + xml_text(row.text(7)) + "\"/>\n");
      }
      write("<event><string key=\"concept:name\" value=\"" + xml_text(row.text(3)) + "\"/><date key=\"time:timestamp\" value=\"" + to_string(row.time(2)) +
            "\"/><string key=\"lifecycle:transition\" value=\"complete\"/><string key=\"org:resource\" value=\"" + xml_text(row.text(4)) +
            "\"/><string key=\"org:group\" value=\"" + xml_text(row.text(5)) + "\"/><string key=\"state\" value=\"" + xml_text(row.text(6)) + "\"/></event>\n");
    });
  });
  if (!status.ok()) return status;
  write(open != 0 ? "</trace>\n</log>\n" : "</log>\n");
  return {};
}

// One record of RFC 4180; quoted fields may hold line ends.
Result<std::vector<std::string>> record_of(std::string_view& text, std::uint32_t& line, std::string_view file) {
  std::vector<std::string> fields(1);
  const std::uint32_t first = line;
  bool quoted = false;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') fields.back() += c;
      else if (text.starts_with('"')) fields.back() += '"', text.remove_prefix(1);
      else quoted = false;
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      return fields;
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  if (quoted) return Error(ErrorCode::invalid_document, "a quoted field does not end", "close it with \"", Place{std::string(file), first, 1});
  return fields;
}

std::string unguarded(std::string text) {
  if (text.size() > 1 && text[0] == '\'' && kFormula.find(text[1]) != kFormula.npos) text.erase(0, 1);
  return text;
}

// What a column means: those of several cities' open data beside our own names; "" means nothing to us.
std::string meaning_of(std::string name) {
  static const std::map<std::string, std::string, std::less<>> kNames = {
      {"unique_key", "key"}, {"service_request_id", "key"}, {"caseid", "key"}, {"number", "key"}, {"created_date", "at"}, {"opened", "at"},
      {"requested_datetime", "at"}, {"created_at", "at"}, {"complaint_type", "category"}, {"category", "category"}, {"service_name", "category"},
      {"kind", "kind"}, {"level", "level"}, {"descriptor", "title"}, {"request_type", "title"}, {"title", "title"}, {"description", "content"}, {"content", "content"},
      {"resolution_description", "content"}, {"incident_address", "place"}, {"address", "place"}, {"place", "place"}, {"area", "area"},
      {"borough", "area"}, {"neighborhood", "area"}, {"channel", "channel"}, {"open_data_channel_type", "channel"}, {"source", "channel"}};
  for (char& c : name) c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto found = kNames.find(name);
  return found == kNames.end() ? std::string() : found->second;
}

// Of ours; what another city calls its channels is the telephone or the web.
std::string channel_of(std::string value) {
  for (char& c : value) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view ours : {"phone", "sms", "fax", "mail", "web", "chat", "letter", "app", "voicemail", "visit"})
    if (value == ours) return value;
  return "web";
}

Status take(Intake& in, std::string_view meaning, const std::string& value, const Place& place) {
  if (meaning == "key") in.command = "import:" + value;
  else if (meaning == "category") in.category = value;
  else if (meaning == "title") in.title = value;
  else if (meaning == "content") in.content = value;
  else if (meaning == "place") in.place = value;
  else if (meaning == "area") in.area = value;
  else if (meaning == "kind") in.kind = value.empty() ? in.kind : value;
  else if (meaning == "level") in.level = value.empty() ? in.level : value;
  else if (meaning == "channel") in.channel = channel_of(value);
  else if (meaning == "at" && !value.empty()) {
    auto time = parse_time(value);
    if (!time.ok()) time = parse_time(value + "Z");
    if (!time.ok()) return time.error().at(place);
    in.at = *time;
  }
  return {};
}

}  // namespace

Status export_log(const Service& service, std::string_view format, const Write& write) {
  if (format == "csv") return write_csv(service, write);
  if (format == "tickets.jsonl") return write_tickets(service, write);
  if (format == "jsonl") return write_jsonl(service, write);
  if (format == "xes") return write_xes(service, write);
  return Error(ErrorCode::invalid_argument, "no format `" + std::string(format) + "`", "csv, tickets.jsonl, jsonl or xes");
}

Result<std::uint64_t> import_csv(Service& service, std::string_view text, std::string_view file, const Actor& actor, Time now) {
  std::uint32_t line = 1;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // as spreadsheets write
  HOTLINE_ASSIGN(const auto header, record_of(text, line, file));
  std::vector<std::string> columns;
  for (const std::string& name : header) columns.push_back(meaning_of(name));
  std::uint64_t made = 0;
  while (!text.empty()) {
    const std::uint32_t at_line = line;
    HOTLINE_ASSIGN(const auto fields, record_of(text, line, file));
    if (fields.size() == 1 && fields[0].empty()) continue;
    Intake in;
    in.at = now;
    in.actor = actor;
    in.channel = "web";
    for (std::size_t i = 0; i < fields.size() && i < columns.size(); ++i)
      HOTLINE_TRY(take(in, columns[i], unguarded(fields[i]), Place{std::string(file), at_line, 1}));
    const auto accepted = service.intake(in);
    if (!accepted.ok()) return accepted.error().at(Place{std::string(file), at_line, 1});
    made += accepted->repeated ? 0 : 1;
  }
  return made;
}

Result<std::uint64_t> import_jsonl(Service& service, std::string_view text, std::string_view file, const Actor& actor, Time now) {
  std::uint64_t made = 0;
  for (std::uint32_t line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.find_first_not_of(" \t\r") == one.npos) continue;
    const Place place{std::string(file), line, 1};
    const auto node = parse_document(one, file);
    if (!node.ok()) return Error(node.error()).at(place);
    if (!node->is_mapping()) return Error(ErrorCode::invalid_document, "a line that is no object", "write {\"title\": ...}", place);
    Intake in;
    in.at = now;
    in.actor = actor;
    in.channel = "web";
    for (const auto& [key, value] : node->entries()) HOTLINE_TRY(take(in, meaning_of(key.text()), value.text(), place));
    const auto accepted = service.intake(in);
    if (!accepted.ok()) return accepted.error().at(place);
    made += accepted->repeated ? 0 : 1;
  }
  return made;
}

std::string_view open311_status(std::string_view state) {
  return state == "closed" || state == "rejected" || state == "withdrawn" || state == "merged" ? "closed" : "open";
}

}  // namespace hotline::ticket
