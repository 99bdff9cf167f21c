// Citizens: sealed under a key of their own, found again by a blind index of the telephone number.
#include "hotline/base/document.hpp"
#include "ticket/impl.hpp"

namespace hotline::ticket {
namespace {

constexpr std::string_view kContext = "hotline.ticket.citizen.1";

std::string to_json(const Citizen& c) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("name", c.name).field("phone", c.phone).field("id_number", c.id_number).field("address", c.address);
  json.field("email", c.email).end_object();
  return out;
}

Result<Citizen> from_json(std::string_view text) {
  HOTLINE_ASSIGN(const Node node, parse_document(text, "citizen"));
  const auto get = [&](std::string_view key) {
    const Node* value = node.find(key);
    return value != nullptr ? value->text() : std::string();
  };
  return Citizen{get("name"), get("phone"), get("id_number"), get("address"), get("email")};
}

}  // namespace

// Digits only, without the country's prefix: the same telephone in three spellings is one.
std::string normal_phone(std::string_view phone) {
  std::string digits;
  for (const char c : phone)
    if (c >= '0' && c <= '9') digits += c;
  for (const std::string_view prefix : {"0086", "86"})
    if (digits.size() >= prefix.size() + 10 && digits.starts_with(prefix)) {
      digits.erase(0, prefix.size());
      break;
    }
  return digits;
}

Result<std::optional<std::int64_t>> Service::Impl::keep_citizen(store::Transaction& t, const Citizen& citizen) const {
  if (citizen.empty()) return std::optional<std::int64_t>();
  const std::string phone = normal_phone(citizen.phone);
  const std::string index = phone.empty() ? std::string() : vault.blind("phone", phone);
  if (!phone.empty()) {
    std::optional<std::int64_t> id;
    std::string box, sealed;
    HOTLINE_TRY(t.query("SELECT id, key_box, profile FROM ticket_citizen WHERE phone = ? ORDER BY id DESC LIMIT 1", {index}, [&](const store::Row& row) {
      if (row.is_null(1)) return;
      id = row.integer(0);
      box = row.bytes(1);
      sealed = row.bytes(2);
    }));
    if (id) {
      HOTLINE_ASSIGN(const DataKey key, vault.unwrap(box));
      HOTLINE_ASSIGN(const std::string plain, vault.open(key, sealed, kContext));
      HOTLINE_ASSIGN(const Citizen known, from_json(plain));
      // Another person on a shared telephone is another citizen.
      if (known.name == citizen.name || citizen.name.empty()) {
        Citizen merged = known;
        if (!citizen.id_number.empty()) merged.id_number = citizen.id_number;
        if (!citizen.address.empty()) merged.address = citizen.address;
        if (!citizen.email.empty()) merged.email = citizen.email;
        if (!(merged == known))
          HOTLINE_TRY(t.post("UPDATE ticket_citizen SET profile = ? WHERE id = ?", {store::Blob{vault.seal(key, to_json(merged), kContext)}, *id}));
        return id;
      }
    }
  }
  const DataKey key = vault.new_key();
  const std::string box = vault.wrap(key), profile = vault.seal(key, to_json(citizen), kContext);
  const auto blind = [&](std::string_view what, const std::string& text) {
    return text.empty() ? std::optional<std::string>() : std::optional(vault.blind(what, text));
  };
  const auto name = blind("name", citizen.name), id_number = blind("id_number", citizen.id_number);
  return t.integer("INSERT INTO ticket_citizen (phone, name, id_number, key_box, profile) VALUES (?, ?, ?, ?, ?) RETURNING id",
                   {phone.empty() ? store::Bind(nullptr) : store::Bind(index), name, id_number, store::Blob{box}, store::Blob{profile}});
}

Result<std::optional<Citizen>> Service::Impl::open_citizen(store::Transaction& t, std::int64_t id) const {
  std::string box, sealed;
  HOTLINE_TRY(t.query("SELECT key_box, profile FROM ticket_citizen WHERE id = ? AND key_box IS NOT NULL", {id}, [&](const store::Row& row) {
    box = row.bytes(0);
    sealed = row.bytes(1);
  }));
  if (box.empty()) return std::optional<Citizen>();
  HOTLINE_ASSIGN(const DataKey key, vault.unwrap(box));
  HOTLINE_ASSIGN(const std::string plain, vault.open(key, sealed, kContext));
  HOTLINE_ASSIGN(Citizen citizen, from_json(plain));
  return std::optional<Citizen>(std::move(citizen));
}

Status Service::forget_citizen(TicketId ticket, const Actor& actor, Time at) {
  return impl_->database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(Loaded loaded, impl_->load(t, ticket));
    if (!loaded.citizen) return {};
    HOTLINE_ASSIGN(const auto changed,
                   t.execute("UPDATE ticket_citizen SET key_box = NULL, phone = NULL, name = NULL, id_number = NULL WHERE id = ? AND key_box IS NOT NULL", {*loaded.citizen}));
    if (changed == 0) return {};
    HOTLINE_TRY(impl_->append(t, loaded, {at, "forget_citizen", actor.id, actor.unit, {}, "{}", {}, {}}));
    return impl_->save(t, loaded);
  });
}

}  // namespace hotline::ticket
