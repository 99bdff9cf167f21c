#include "hotline/center/setup.hpp"

#include <algorithm>

#include "hotline/base/document.hpp"
#include "hotline/workflow/calendar.hpp"

namespace hotline::center {
namespace {

Name read_name(Fields& fields) {
  Name name;
  const Node* node = fields.required("name");
  if (node == nullptr) return name;
  Fields languages(*node, fields.diagnostics(), fields.context() + " name");
  name.zh = languages.required_string("zh");
  name.en = languages.required_string("en");
  languages.finish();
  return name;
}

}  // namespace

const Person* Setup::find(std::string_view agent) const {
  const auto found = std::find_if(agents.begin(), agents.end(), [&](const Person& p) { return p.id == agent; });
  return found == agents.end() ? nullptr : &*found;
}

Result<Setup> load_setup(const std::string& data) {
  const std::string file = data + "/city.yaml";
  HOTLINE_ASSIGN(const Node document, load_document(file));
  Diagnostics diagnostics(file);
  Setup setup;
  setup.data = data;
  Fields fields(document, diagnostics, "city");
  setup.name = read_name(fields);
  setup.caller_id = fields.required_string("caller_id");
  setup.reply_flow = fields.required_string("reply_flow");
  setup.visit_flow = fields.required_string("visit_flow");
  setup.bindings = fields.string("bindings");
  setup.routing = fields.required_string("routing");
  if (fields.required("workflow") != nullptr) setup.workflows = fields.strings("workflow");
  setup.calendar = fields.required_string("calendar");
  setup.catalogue = fields.string("catalogue");
  setup.sites = fields.string("sites");
  setup.open311 = fields.string("open311");
  setup.knowledge = fields.string("knowledge");
  setup.jurisdiction = fields.string("jurisdiction");
  if (const Node* flows = fields.required("flows"))
    for (const Node::Entry& entry : flows->entries()) setup.flows[entry.key.text()] = entry.value.text();
  if (const Node* extensions = fields.get("extensions"))
    for (const Node::Entry& entry : extensions->entries()) setup.extensions[entry.key.text()] = entry.value.text();
  if (const Node* agents = fields.required("agents")) {
    for (const Node& node : agents->items()) {
      Fields person(node, diagnostics, "agent");
      Person read;
      read.id = person.required_string("id");
      read.name = read_name(person);
      read.number = person.string("number", read.id);
      read.phone = person.string("phone");
      person.finish();
      setup.agents.push_back(std::move(read));
    }
  }
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  return setup;
}

Result<Time> next_office_morning(const Setup& setup, Time now) {
  HOTLINE_ASSIGN(const auto calendar, workflow::Calendar::load(setup.path(setup.calendar)));
  const Date today = calendar.timezone().date_at(now);
  for (int ahead = 1; ahead <= 366; ++ahead) {
    const Date day = today + std::chrono::days{ahead};
    const Time morning = calendar.timezone().to_time(day, 10 * 3600);
    if (calendar.is_workday(day) && calendar.is_working(morning)) return morning;
  }
  return Error(ErrorCode::not_found, "the calendar " + setup.calendar + " has no working morning in the year to come", "give it a base week");
}

}  // namespace hotline::center
