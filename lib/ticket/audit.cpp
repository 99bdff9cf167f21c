#include "ticket/impl.hpp"

namespace hotline::ticket {
namespace {

void add(std::string& out, std::string_view part) {
  const std::uint64_t size = part.size();
  char length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(size >> 8 * i & 0xff);
  out.append(length, sizeof length).append(part);
}

}  // namespace

std::string chain_hash(std::string_view previous, TicketId ticket, std::uint64_t version, const Appended& event, std::string_view state) {
  static const std::string kNothing = sha256("");
  std::string all;
  all.reserve(320 + event.body.size());
  add(all, "hotline.ticket.event.1");
  add(all, previous);
  add(all, std::to_string(ticket.value));
  add(all, std::to_string(version));
  add(all, std::to_string(to_ns(event.at)));
  for (const std::string_view part : {event.type, event.actor, event.unit, event.command, state, event.body}) add(all, part);
  add(all, event.sealed.empty() ? kNothing : sha256(event.sealed));
  return sha256(all);
}

std::string digest_of(const Command& command) {
  std::string all;
  add(all, std::to_string(command.ticket.value));
  for (const std::string* part : {&command.event, &command.actor.id, &command.actor.unit, &command.fields}) add(all, *part);
  add(all, command.task ? std::to_string(*command.task) : "");
  return sha256(all);
}

}  // namespace hotline::ticket
