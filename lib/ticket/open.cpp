#include "hotline/ticket/open.hpp"

#include "hotline/base/document.hpp"
#include "hotline/ticket/sites.hpp"
#include "ticket/impl.hpp"

namespace hotline::ticket {

Result<Service> open_service(const std::string& url, std::string_view text) {
  HOTLINE_ASSIGN(const Node node, parse_document(text.empty() ? "{}" : text, "options"));
  Diagnostics diagnostics("options");
  Fields fields(node, diagnostics, "the options");
  Options options;
  const std::string workflow_file = fields.string("workflow"), catalogue_file = fields.string("catalogue"), calendar_file = fields.string("calendar"),
                    key_file = fields.string("key"), policy_file = fields.string("policy"), sites_file = fields.string("sites");
  options.area = fields.string("area", options.area);
  options.timezone = fields.string("timezone", options.timezone);
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  if (!key_file.empty()) {
    HOTLINE_ASSIGN(options.master_key, load_or_create_key(key_file));
  }
  if (!policy_file.empty()) {
    HOTLINE_ASSIGN(const Node policy, load_document(policy_file));
    options.policy = policy.to_json();
    if (const auto read = Policy::parse(options.policy, policy_file); !read.ok()) return read.error();
  }
  HOTLINE_ASSIGN(auto database, store::Database::open(url));
  std::vector<Definition> definitions;
  std::vector<workflow::Calendar> calendars;
  if (!workflow_file.empty()) {
    HOTLINE_ASSIGN(auto definition, Definition::load(workflow_file));
    definitions.push_back(std::move(definition));
  }
  if (!calendar_file.empty()) {
    HOTLINE_ASSIGN(auto calendar, workflow::Calendar::load(calendar_file));
    calendars.push_back(std::move(calendar));
  }
  auto opened = definitions.empty() && calendars.empty() ? Service::open(database, options) : Service::open(database, options, definitions, calendars);
  if (opened.ok() && !sites_file.empty()) {
    HOTLINE_ASSIGN(const Node sites, load_document(sites_file));
    HOTLINE_ASSIGN(const auto joined, SiteOptions::parse(sites.to_json(), sites_file));
    if (const auto key = Sites(*opened).join(joined); !key.ok()) return key.error();
  }
  if (!opened.ok() || catalogue_file.empty()) return opened;
  HOTLINE_ASSIGN(const auto catalogue, Catalogue::load(catalogue_file));
  HOTLINE_TRY(opened->publish(catalogue));
  return opened;
}

}  // namespace hotline::ticket
