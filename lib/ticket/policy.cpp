#include "ticket/policy.hpp"

#include <algorithm>

#include "hotline/base/document.hpp"
#include "ticket/impl.hpp"

namespace hotline::ticket {

Result<Policy> Policy::parse(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Node root, parse_document(text, file));
  Diagnostics diagnostics{std::string(file)};
  Fields fields(root, diagnostics, "policy");
  Policy policy;
  if (const Node* roles = fields.required("roles")) {
    for (const auto& [key, value] : roles->entries()) {
      static constexpr std::string_view kScopes[] = {"none", "own", "unit", "tree", "all"};
      static constexpr std::string_view kSecrecy[] = {"open", "identity", "restricted", "sealed"};
      Fields one(value, diagnostics, "role `" + key.text() + "`");
      Grant grant;
      grant.role = key.text();
      grant.scope = static_cast<Grant::Scope>(one.choice("scope", kScopes, 0));
      grant.secrecy = static_cast<Secrecy>(one.choice("secrecy", kSecrecy, 0));
      grant.identity = one.boolean("identity", false);
      grant.recordings = one.boolean("recordings", false);
      one.finish();
      policy.grants.push_back(std::move(grant));
    }
  }
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  return policy;
}

Policy Policy::standard() {
  using Scope = Grant::Scope;
  return {{{"agent", Scope::all, Secrecy::identity, true, true},
           {"dispatcher", Scope::all, Secrecy::restricted, true, true},
           {"reviewer", Scope::all, Secrecy::restricted, false, true},
           {"visitor", Scope::all, Secrecy::identity, true, true},
           {"supervisor", Scope::all, Secrecy::restricted, true, true},
           {"arbiter", Scope::all, Secrecy::restricted, false, false},
           {"archivist", Scope::all, Secrecy::restricted, false, true},
           {"unit", Scope::tree, Secrecy::restricted, true, false},
           {"secrecy_officer", Scope::all, Secrecy::sealed, true, true},
           {"statistics", Scope::all, Secrecy::open, false, false}}};
}

namespace {

std::string escaped_like(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Predicate may_see(const Policy& policy, const Actor& viewer, Time now) {
  Predicate p;
  const auto any = [&](std::string condition) { p.sql += (p.sql.empty() ? "" : " OR ") + ("(" + condition + ")"); };
  for (const Grant& grant : policy.grants) {
    if (std::find(viewer.roles.begin(), viewer.roles.end(), grant.role) == viewer.roles.end()) continue;
    const std::string secrecy = "k.secrecy <= " + std::to_string(static_cast<int>(grant.secrecy));
    switch (grant.scope) {
      case Grant::Scope::none: break;
      case Grant::Scope::all: any(secrecy); break;
      case Grant::Scope::own:
        any(secrecy + " AND EXISTS (SELECT 1 FROM ticket_event e WHERE e.ticket = k.id AND e.actor = ?)");
        p.binds.push_back(viewer.id);
        break;
      case Grant::Scope::unit:
        any(secrecy + " AND EXISTS (SELECT 1 FROM ticket_assignment a WHERE a.ticket = k.id AND a.unit = ?)");
        p.binds.push_back(viewer.unit);
        break;
      case Grant::Scope::tree:
        // By the catalogue's tree; a unit that is in no catalogue sees its own.
        any(secrecy + " AND EXISTS (SELECT 1 FROM ticket_assignment a LEFT JOIN ticket_unit u ON u.id = a.unit WHERE a.ticket = k.id AND "
                      "(a.unit = ? OR u.path LIKE ? ESCAPE '\\'))");
        p.binds.push_back(viewer.unit);
        p.binds.push_back("%/" + escaped_like(viewer.unit) + "/%");
        break;
    }
  }
  any("EXISTS (SELECT 1 FROM ticket_access x WHERE x.ticket = k.id AND x.actor = ? AND x.until > CAST(? AS {int}))");
  p.binds.push_back(viewer.id);
  p.binds.push_back(std::to_string(to_ns(now)));
  p.sql = "(" + p.sql + ")";
  return p;
}

}  // namespace hotline::ticket
