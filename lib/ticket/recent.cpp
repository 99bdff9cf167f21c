#include "ticket/impl.hpp"

namespace hotline::ticket {

std::optional<Loaded> Recent::take(TicketId ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(ticket.value);
  if (found == by_id_.end()) return std::nullopt;
  std::optional<Loaded> out(std::move(*found->second));
  tickets_.erase(found->second);
  by_id_.erase(found);
  return out;
}

void Recent::keep(Loaded&& ticket) {
  if (ticket.row.content.size() + ticket.snapshot.size() + ticket.row.fields.size() > kLongest) return;
  ticket.outgoing = 0;
  ticket.row.citizen.reset();
  const std::lock_guard lock(mutex_);
  tickets_.push_front(std::move(ticket));
  const auto [entry, fresh] = by_id_.try_emplace(tickets_.front().row.id.value, tickets_.begin());
  if (!fresh) {
    tickets_.erase(entry->second);
    entry->second = tickets_.begin();
  }
  if (tickets_.size() <= kMost) return;
  by_id_.erase(tickets_.back().row.id.value);
  tickets_.pop_back();
}

}  // namespace hotline::ticket
