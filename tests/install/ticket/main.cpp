#include <cstdio>

#include "hotline/ticket.hpp"

int main() {
  auto tickets = hotline::ticket::Service::open(hotline::store::Database::open("sqlite::memory:").value(), {}).value();
  const auto made = tickets.intake({.command = "1", .actor = {"ivr", {"citizen"}, ""}, .category = "water"}).value();
  const bool good = tickets.public_status(made.number, "en").value().state == "accepted";
  std::puts(good ? "ok" : "not ok");
  return good ? 0 : 1;
}
