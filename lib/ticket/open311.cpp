#include "hotline/ticket/open311.hpp"

#include <algorithm>

#include "hotline/base/document.hpp"
#include "hotline/base/xml.hpp"
#include "hotline/ticket/exchange.hpp"
#include "ticket/open311_call.hpp"

namespace hotline::ticket {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr int kMost = 1000;  // requests in one answer, as GeoReport has it

const Open311Type* type_of(const Open311Options& options, std::string_view code) {
  const auto found = std::find_if(options.services.begin(), options.services.end(), [&](const auto& s) { return s.code == code; });
  return found == options.services.end() ? nullptr : &*found;
}
const Open311Type* type_of_category(const Open311Options& options, std::string_view category) {
  const auto found = std::find_if(options.services.begin(), options.services.end(), [&](const auto& s) { return (s.category.empty() ? s.code : s.category) == category; });
  return found == options.services.end() ? nullptr : &*found;
}

HttpAnswer services(const Call& call) {
  ReportWriter out(call.json, "services", "service");
  for (const auto& s : call.options.services) {
    std::string keywords;
    for (const auto& word : s.keywords) keywords += (keywords.empty() ? "" : ",") + word;
    out.begin().text("service_code", s.code).text("service_name", s.name).text("description", s.description).boolean("metadata", !s.attributes.empty());
    out.text("type", "realtime").text("keywords", keywords).text("group", s.group).end();
  }
  return finish(call, 200, out.take());
}

HttpAnswer definition(const Call& call, const std::string& code) {
  const Open311Type* type = type_of(call.options, code);
  if (type == nullptr) return refuse(call, {404, "there is no service_code `" + code + "`"});
  ReportWriter out(call.json, "service_definition");
  out.text("service_code", type->code);
  out.begin_list("attributes", "attribute");
  int order = 0;
  for (const auto& a : type->attributes) {
    out.begin().boolean("variable", true).text("code", a.code).text("datatype", a.datatype).boolean("required", a.required);
    out.text("datatype_description", "").number("order", ++order).text("description", a.description);
    out.begin_list("values", "value");
    for (const auto& [key, name] : a.values) out.begin().text("key", key).text("name", name).end();
    out.end_list().end();
  }
  out.end_list();
  return finish(call, 200, out.take());
}

// "12 Main Street (36.0671, 120.3826)": the place of a ticket is one text for people, and reads back.
std::pair<std::string, std::string> coordinates(std::string_view place) {
  const auto open = place.rfind('('), comma = place.rfind(", ");
  if (open == place.npos || comma == place.npos || comma < open || !place.ends_with(')')) return {};
  const std::string_view lat = place.substr(open + 1, comma - open - 1), lon = place.substr(comma + 2, place.size() - comma - 3);
  // As JSON writes a number, for it goes out as it came in.
  const auto is_number = [](std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto digits = [&] {
      const auto n = std::min(text.find_first_not_of("0123456789"), text.size());
      text.remove_prefix(n);
      return n;
    };
    const bool zero = text.starts_with('0');
    const auto whole = digits();
    if (whole == 0 || whole > 3 || (zero && whole > 1)) return false;
    if (!text.starts_with('.')) return text.empty();
    text.remove_prefix(1);
    const auto fraction = digits();
    return fraction > 0 && fraction < 20 && text.empty();
  };
  if (!is_number(lat) || !is_number(lon)) return {};
  return {std::string(lat), std::string(lon)};
}

void write_request(ReportWriter& out, const Call& call, const Ticket& k, const PublicStatus& status) {
  const Open311Type* type = type_of_category(call.options, k.category);
  const auto [lat, lon] = coordinates(k.place);
  out.begin().text("service_request_id", k.number).text("status", open311_status(status.state)).text("status_notes", status.phrase);
  out.text("service_name", type != nullptr ? type->name : k.category).text("service_code", type != nullptr ? type->code : k.category);
  out.text("description", k.title).text("agency_responsible", k.unit).text("service_notice", status.reply);
  out.text("requested_datetime", to_string(k.created_at)).text("updated_datetime", to_string(k.updated_at));
  out.text("expected_datetime", k.due ? to_string(*k.due) : "").text("address", lat.empty() ? k.place : k.place.substr(0, k.place.rfind('(')));
  out.text("address_id", "").text("zipcode", "").coordinate("lat", lat).coordinate("long", lon).text("media_url", "").end();
}

HttpAnswer one_request(const Call& call, const std::string& numbers) {
  ReportWriter out(call.json, "service_requests", "request");
  Call ids{call.request, call.options, call.service, call.now, call.json, {}};
  for (std::size_t at = 0; at < numbers.size();) {
    const auto end = std::min(numbers.find(',', at), numbers.size());
    const std::string number = numbers.substr(at, end - at);
    at = end + 1;
    const auto ticket = call.service.find(number);
    const auto status = call.service.public_status(number, "en");
    if (!ticket.ok() || !status.ok() || ticket->secrecy != Secrecy::open) return refuse(call, {404, "there is no service_request_id `" + number + "`"});
    write_request(out, call, *ticket, *status);
  }
  return finish(call, 200, out.take());
}

// Of the last ninety days where no time is given, newest first.
HttpAnswer all_requests(const Call& call) {
  if (const std::string ids = call.get("service_request_id"); !ids.empty()) return one_request(call, ids);
  const auto last = time_of(call, "end_date", call.now);
  if (!last.ok()) return refuse(call, refused_by(last.error()));
  const auto first = time_of(call, "start_date", *last - Duration(90 * kDay));
  if (!first.ok()) return refuse(call, refused_by(first.error()));
  const auto codes = call.list("service_code"), wanted = call.list("status");
  for (const auto& status : wanted)
    if (status != "open" && status != "closed") return refuse(call, {400, "`status` is open or closed, not `" + status + "`"});
  std::vector<Ticket> found;
  const Status read = call.service.database().read([&](store::Transaction& t) {
    return t.query(std::string("SELECT ") + kTicketColumns + " FROM ticket WHERE secrecy = 0 AND created_at >= ? AND created_at <= ? ORDER BY created_at DESC, id DESC LIMIT ?",
                   {*first, *last, 20 * kMost}, [&](const store::Row& row) { found.push_back(read_ticket(row)); });
  });
  if (!read.ok()) return refuse(call, refused_by(read.error()));
  ReportWriter out(call.json, "service_requests", "request");
  int n = 0;
  for (const Ticket& k : found) {
    const Open311Type* type = type_of_category(call.options, k.category);
    const std::string& code = type != nullptr ? type->code : k.category;
    if (!codes.empty() && std::find(codes.begin(), codes.end(), code) == codes.end()) continue;
    const auto status = call.service.public_status(k.number, "en");
    if (!status.ok()) continue;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), open311_status(status->state)) == wanted.end()) continue;
    if (++n > kMost) break;
    write_request(out, call, k, *status);
  }
  return finish(call, 200, out.take());
}

// The request as an intake, or what is missing.
Result<Intake> intake_of(const Call& call, const Open311Type& type) {
  const auto wrong = [](std::string what, std::string remedy = {}) { return Error(ErrorCode::invalid_argument, std::move(what), std::move(remedy)); };
  Intake in;
  in.at = call.now;
  in.actor = {"open311:" + call.get("device_id"), {"citizen"}, ""};
  in.channel = "web";
  in.kind = call.options.kind;
  in.category = type.category.empty() ? type.code : type.category;
  const std::string lat = call.get("lat"), lon = call.get("long"), address = call.get("address_string"), address_id = call.get("address_id");
  if (lat.empty() != lon.empty()) return wrong("`lat` and `long` belong together");
  if (lat.empty() && address.empty() && address_id.empty()) return wrong("a request without a place", "give lat and long, address_string or address_id");
  in.place = !address.empty() ? address : address_id;
  if (!lat.empty()) {
    in.place += (in.place.empty() ? "(" : " (") + lat + ", " + lon + ")";
    if (coordinates(in.place).first.empty()) return wrong("`lat` or `long` is no number");
  }
  in.title = call.get("description");
  if (in.title.empty()) in.title = type.name;
  in.content = in.title;
  if (in.title.size() > 400) {
    std::size_t end = 400;
    while (end > 0 && (static_cast<unsigned char>(in.title[end]) & 0xc0) == 0x80) --end;
    in.title.resize(end);
  }
  for (const auto& a : type.attributes) {
    std::string value;
    for (const std::string& name : {"attribute[" + a.code + "]", "attribute[" + a.code + "][]"})
      for (auto [it, end] = call.request.parameters.equal_range(name); it != end; ++it) value += (value.empty() ? "" : ", ") + it->second;
    if (value.empty() && a.required) return wrong("`attribute[" + a.code + "]` is required", a.description);
    if (!value.empty() && a.datatype == "singlevaluelist" && !a.values.empty() &&
        std::none_of(a.values.begin(), a.values.end(), [&](const auto& v) { return v.first == value; }))
      return wrong("`attribute[" + a.code + "]` has no value `" + value + "`", "the service definition lists them");
    if (!value.empty()) in.content += "\n" + (a.description.empty() ? a.code : a.description) + ": " + value;
  }
  if (const std::string media = call.get("media_url"); !media.empty()) in.content += "\n" + media;
  in.citizen.name = call.get("last_name") + (call.get("first_name").empty() || call.get("last_name").empty() ? "" : " ") + call.get("first_name");
  in.citizen.phone = call.get("phone");
  in.citizen.email = call.get("email");
  return in;
}

HttpAnswer post(const Call& call) {
  if (const auto refused = without_key(call)) return *refused;
  const std::string code = call.get("service_code");
  if (code.empty()) return refuse(call, {400, "`service_code` is missing"});
  const Open311Type* type = type_of(call.options, code);
  if (type == nullptr) return refuse(call, {404, "there is no service_code `" + code + "`"});
  const auto intake = intake_of(call, *type);
  if (!intake.ok()) return refuse(call, refused_by(intake.error()));
  const auto accepted = call.service.intake(*intake);
  if (!accepted.ok()) return refuse(call, refused_by(accepted.error()));
  ReportWriter out(call.json, "service_requests", "request");
  out.begin().text("service_request_id", accepted->number).text("service_notice", accepted->access_code.empty() ? "" : "access code / 提取码: " + accepted->access_code);
  out.text("account_id", call.get("account_id")).end();
  return finish(call, 201, out.take());
}

// Numbers are known at once, so a token is the number.
HttpAnswer token(const Call& call, const std::string& number) {
  if (!call.service.find(number).ok()) return refuse(call, {404, "there is no token `" + number + "`"});
  ReportWriter out(call.json, "service_requests", "request");
  out.begin().text("service_request_id", number).text("token", number).end();
  return finish(call, 200, out.take());
}

HttpAnswer dispatch(const Call& call) {
  const auto& p = call.path;
  if (!call.options.jurisdiction.empty() && call.get("jurisdiction_id") != call.options.jurisdiction)
    return refuse(call, call.get("jurisdiction_id").empty() ? Refused{400, "`jurisdiction_id` is missing"} : Refused{404, "there is no jurisdiction_id `" + call.get("jurisdiction_id") + "`"});
  const bool reading = call.request.method == "GET" || call.request.method == "HEAD";
  if (p.size() == 1 && p[0] == "requests" && call.request.method == "POST") return post(call);
  if (p.size() == 1 && p[0] == "servicerequestupdates" && call.options.updates) return call.request.method == "POST" ? post_update(call) : updates(call);
  if (!reading) return refuse(call, {405, "`" + call.request.method + "` is not for this"});
  if (p.size() == 1 && p[0] == "services") return services(call);
  if (p.size() == 2 && p[0] == "services") return definition(call, p[1]);
  if (p.size() == 1 && p[0] == "requests") return all_requests(call);
  if (p.size() == 2 && p[0] == "requests") return one_request(call, p[1]);
  if (p.size() == 2 && p[0] == "tokens") return token(call, p[1]);
  return refuse(call, {404, "there is nothing at `" + call.request.path + "`"});
}

}  // namespace

HttpAnswer Open311::answer(const HttpRequest& request, Time now) {
  Call call{request, options_, service_, now, true, {}};
  std::string_view path = request.path;
  for (const std::string_view prefix : {"/v2", "/georeport/v2", "/open311/v2"})
    if (path.starts_with(prefix) && path.substr(prefix.size()).starts_with("/")) path.remove_prefix(prefix.size());
  const auto dot = path.rfind('.');
  const std::string_view format = dot == path.npos ? std::string_view() : path.substr(dot + 1);
  call.json = format != "xml";
  if (format != "json" && format != "xml") return refuse(call, {404, "the path ends in .json or .xml"});
  for (path = path.substr(0, dot); !path.empty();) {
    const auto slash = std::min(path.find('/'), path.size());
    if (slash > 0) call.path.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  for (const auto& [name, value] : request.parameters)
    if (!is_utf8(name) || !is_utf8(value)) return refuse(call, {400, "a parameter is not UTF-8"});
  return dispatch(call);
}

static std::span<const Node> list_of(Fields& fields, const Node* node, const char* key) {
  if (node == nullptr) return {};
  if (!node->is_sequence()) fields.complain(*node, "D003", std::string("`") + key + "` must be a list", "write one entry a line, each after a dash");
  return node->items();
}

Result<Open311Options> Open311Options::parse(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Node root, parse_document(text, file));
  Diagnostics diagnostics{std::string(file)};
  Fields fields(root, diagnostics, "open311");
  Open311Options out;
  out.jurisdiction = fields.string("jurisdiction");
  out.keys = fields.strings("keys");
  out.kind = fields.string("kind", out.kind);
  out.updates = fields.boolean("updates", false);
  for (const Node& node : list_of(fields, fields.required("services"), "services")) {
    Fields one(node, diagnostics, "service");
    Open311Type type;
    type.code = one.required_string("code");
    type.name = one.string("name", type.code);
    type.description = one.string("description");
    type.group = one.string("group");
    type.category = one.string("category");
    type.keywords = one.strings("keywords");
    for (const Node& item : list_of(one, one.get("attributes"), "attributes")) {
      static constexpr std::string_view kTypes[] = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"};
      Fields f(item, diagnostics, "attribute");
      Open311Attribute a;
      a.code = f.required_string("code");
      a.description = f.string("description");
      a.datatype = kTypes[f.choice("datatype", kTypes, 0)];
      a.required = f.boolean("required", false);
      if (const Node* values = f.get("values"))
        for (const auto& [key, name] : values->entries()) a.values.emplace_back(key.text(), name.text());
      f.finish();
      type.attributes.push_back(std::move(a));
    }
    one.finish();
    if (type_of(out, type.code) != nullptr) diagnostics.error("T110", "the service `" + type.code + "` stands twice", "give every service a code of its own", node.place(file));
    out.services.push_back(std::move(type));
  }
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  return out;
}

}  // namespace hotline::ticket
