// What the definition asks the host about an event: the service answers what it knows, the command says the rest.
#include "hotline/base/document.hpp"
#include "ticket/impl.hpp"

namespace hotline::ticket {
namespace {

using workflow::kNone;

// The units that an event would give the ticket to.
std::vector<std::string> units_of(const workflow::EventType& type, std::span<const expr::Value> fields) {
  std::vector<std::string> units;
  for (const std::string_view name : {"lead", "unit", "units", "assist"}) {
    const auto i = type.field(name);
    if (i == kNone || i >= fields.size()) continue;
    if (fields[i].kind() == expr::Kind::string) units.emplace_back(fields[i].as_string());
    for (const auto& item : fields[i].items()) units.emplace_back(item.as_string());
  }
  return units;
}

// True where a text for the public holds the citizen's name, telephone or identity number.
bool tells_identity(const Citizen& citizen, std::string_view text) {
  for (const std::string* secret : {&citizen.name, &citizen.phone, &citizen.id_number, &citizen.address})
    if (secret->size() >= 4 && text.find(*secret) != text.npos) return true;
  return false;
}

}  // namespace

Result<std::vector<expr::Value>> facts_of(const Service::Impl& impl, store::Transaction& t, const Loaded& ticket, const Command& command,
                                          const workflow::EventType* type, std::span<const expr::Value> fields) {
  const Definition& d = *ticket.definition;
  const auto wanted = d.facts();
  std::vector<expr::Value> values(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) values[i] = wanted[i].initial;
  if (wanted.empty()) return values;
  if (!command.facts.empty()) {
    HOTLINE_ASSIGN(const Node node, parse_document(command.facts, "facts"));
    for (const auto& entry : node.entries()) {
      const auto i = d.fact(entry.key.text());
      if (i == kNone) return Error(ErrorCode::invalid_argument, to_text(d) + " knows no fact `" + entry.key.text() + "`", "leave it out");
      HOTLINE_ASSIGN(values[i], expr::Value::from(entry.value, wanted[i].type));
    }
  }
  const auto set = [&](std::string_view name, bool value) {
    const auto i = d.fact(name);
    if (i != kNone && wanted[i].type == expr::Type::boolean()) values[i] = value;
  };
  if (type == nullptr) return values;
  if (const auto units = units_of(*type, fields); !units.empty()) {
    HOTLINE_ASSIGN(const auto catalogue, impl.catalogue(t, command.at));
    bool complained = false;
    for (const auto& unit : units) complained = complained || (!ticket.row.complained_unit.empty() && unit == ticket.row.complained_unit);
    if (catalogue) {
      set("competent", catalogue->competent(units.front(), ticket.row.category, ticket.row.area));
      for (const auto& unit : units)
        complained = complained || (!ticket.row.complained_unit.empty() && catalogue->within(unit, ticket.row.complained_unit));
    }
    set("complained_about", complained);
  }
  if (const auto text = type->field("public_text"); text != kNone && text < fields.size() && ticket.citizen && ticket.row.secrecy != Secrecy::open) {
    HOTLINE_ASSIGN(const auto citizen, impl.open_citizen(t, *ticket.citizen));
    if (citizen && tells_identity(*citizen, fields[text].as_string())) set("secret_in_text", true);
  }
  if (command.event == "merge") {
    const auto into = type->field("into");
    if (into == kNone || into >= fields.size() || fields[into].is_missing()) return values;  // the workflow says what is missing
    HOTLINE_ASSIGN(const auto allowed, impl.merge_allowed(t, ticket, fields[into].as_string()));
    set("merge_allowed", allowed);
  }
  return values;
}

void take_fields(const Definition& d, const workflow::Instance& i, Ticket& row) {
  const auto take = [&](std::string_view name, std::string& column) {
    const expr::Value& value = i.field(d, 0, name);
    if (value.kind() == expr::Kind::string) column = value.as_string();
  };
  take("category", row.category);
  take("area", row.area);
  take("level", row.level);
  take("reply", row.reply);
  const auto region = d.root().region("secrecy");
  if (region != kNone) row.secrecy = static_cast<Secrecy>(std::min<std::uint32_t>(i.state(0, region), 3));
}

}  // namespace hotline::ticket
