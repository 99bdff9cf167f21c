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
      grant.notes = one.boolean("notes", false);
      grant.leader_notes = one.boolean("leader_notes", false);
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
  // scope, secrecy, identity, recordings, notes, leaders' notes
  return {{{"agent", Scope::all, Secrecy::identity, true, true, true, false},
           {"dispatcher", Scope::all, Secrecy::restricted, true, true, true, false},
           {"reviewer", Scope::all, Secrecy::restricted, false, true, true, false},
           {"visitor", Scope::all, Secrecy::identity, true, true, true, false},
           {"supervisor", Scope::all, Secrecy::restricted, true, true, true, true},
           {"arbiter", Scope::all, Secrecy::restricted, false, false, true, true},
           {"leader", Scope::all, Secrecy::restricted, false, false, true, true},
           {"archivist", Scope::all, Secrecy::restricted, false, true, false, false},
           {"unit", Scope::tree, Secrecy::restricted, true, false, true, false},
           {"secrecy_officer", Scope::all, Secrecy::sealed, true, true, true, true},
           {"statistics", Scope::all, Secrecy::open, false, false, false, false}}};
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

Predicate not_complained_about(const Actor& viewer) {
  return {"NOT (k.complained_unit <> '' AND (k.complained_unit = ? OR EXISTS (SELECT 1 FROM ticket_unit u WHERE u.id = ? AND "
          "u.path LIKE '%/' || k.complained_unit || '/%')))",
          {viewer.unit, viewer.unit}};
}

Predicate may_read_notes(const Policy& policy, const Actor& viewer, NoteClass note_class, Time now) {
  Policy with;
  std::copy_if(policy.grants.begin(), policy.grants.end(), std::back_inserter(with.grants),
               [&](const Grant& g) { return note_class == NoteClass::state ? g.notes : g.leader_notes; });
  Predicate p = may_see(with, viewer, now);
  const Predicate fair = not_complained_about(viewer);
  p.sql = "(" + p.sql + " AND " + fair.sql + ")";
  p.binds.insert(p.binds.end(), fair.binds.begin(), fair.binds.end());
  return p;
}

}  // namespace hotline::ticket
