// Commands and answers as text: what journals hold, scenarios say, and C and Python hand through.
//
//   ticket.intake {command, actor, roles, channel, kind, category, area, level, title, content, place, secrecy,
//                  name, phone, id_number, address, email, new_facts, complained_unit, parent, fields, facts, attachments}
//       => accepted {ticket, number, registry, access_code, version, state, repeated}
//   ticket.<event of the workflow> {ticket | number, command, actor, roles, unit, fields, facts, task, version}
//       => applied {ticket, version, state, repeated}
//   ticket.attach {ticket | number, command, actor, kind, sha256, name, media_type, size}      => applied
//   ticket.status {number, language}                => status {number, state, phrase, reply, due, version}
//   ticket.find {ticket | number}                   => ticket {...}
//   ticket.history {ticket | number}                => event {version, at, type, actor, unit, state, hash} ...
//   ticket.note {ticket | number, command, actor, roles, unit, class: state | leader, text}   => noted {ticket, note, repeated}
//   ticket.notes {ticket | number, actor, roles, unit}   => note {note, at, actor, unit, class, text} ..., those for this viewer
//   ticket.search {actor, roles, viewer_unit, text, note, number, phone, name, category, area, unit, channel, kind, level, states,
//                  limit, after}                    => ticket {...} ..., what the viewer may see; next {after}
//   ticket.forget {ticket, actor}                   => forgotten
//   ticket.migrate {ticket | number, actor}         => applied {...}
//   calendars.adopt {limit}                         => adopted {count}
//   timers.fire {limit}                             => fired {count}; next {at}
//   outbox.claim {lease, limit}                     => outbox {item, ticket, number, channel, recipient, template, body, attempts} ...
//   outbox.delivered {item}   outbox.undelivered {item, reason, retry}
//   audit.hourly {}  => anchor {...}, or nothing    audit.key {}  => key {public_key}    audit.prove {ticket | number, of: events | notes}  => proof {...}
//   audit.anchor {}  => anchor {...}                audit.verify {}  => verified {tickets, events, anchors, findings}
//   archive.move {archive, closed_before, limit}    => archived {count}      archive: a path or URL
//   archive.restore {archive, ticket}               => restored {ticket}
//   sites.join {site, peers: [{site, unit, key, margin, people: withheld | told}]}   => joined {site, public_key}
//   sites.letters {lease, limit}                    => letter {site, number, attempts, text} ...
//   sites.receive {text}                            => received {kind, ticket, repeated, taken, receipt}
//   sites.links {ticket | number}                   => link {ticket, side: below | above, site, registry, state, task, open} ...
//   refused commands                                => refused {error, message, remedy}
#pragma once

#include <string>
#include <string_view>

#include "hotline/base/document.hpp"
#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

// The events as a JSON array: [{"type":"applied","ticket":1,...}]. A refusal is an event; an Error is a verb that does not
// exist, or fields that cannot be read. Errors: not_found, invalid_argument, invalid_document.
Result<std::string> apply_text(Service& service, std::string_view verb, std::string_view json, Time at);
Result<std::string> apply_text(Service& service, std::string_view verb, const Node& fields, Time at);

}  // namespace hotline::ticket
