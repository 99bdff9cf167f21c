#include "ticket/impl.hpp"

namespace hotline::ticket {

Result<std::vector<expr::Value>> facts_of(const Service::Impl&, store::Transaction&, const Loaded& ticket, const Command&, const workflow::Event&) {
  const auto wanted = ticket.definition->facts();
  std::vector<expr::Value> values(wanted.size());
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
}

}  // namespace hotline::ticket
