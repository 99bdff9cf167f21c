// Anchors: a Merkle tree (RFC 6962, section 2.1) over the heads of the tickets that changed, chained and signed.
#include "hotline/ticket/audit.hpp"
#include "ticket/anchor.hpp"
#include "ticket/signing.hpp"

namespace hotline::ticket {
namespace {

std::string node_hash(std::string_view left, std::string_view right) { return sha256("\x01" + std::string(left) + std::string(right)); }

// The largest power of two below n.
std::size_t half(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

void path_of(std::span<const std::string> leaves, std::size_t index, std::vector<ProofStep>& out) {
  if (leaves.size() <= 1) return;
  const std::size_t k = half(leaves.size());
  if (index < k) {
    path_of(leaves.first(k), index, out);
    out.push_back({ProofStep::Side::right, merkle_root(leaves.subspan(k))});
  } else {
    path_of(leaves.subspan(k), index - k, out);
    out.push_back({ProofStep::Side::left, merkle_root(leaves.first(k))});
  }
}

}  // namespace

Result<SigningKey> signing_key(Service::Impl& impl) {
  std::string box;
  SigningKey key;
  const auto look = [&](store::Transaction& t) {
    return t.query("SELECT value FROM ticket_meta WHERE name = 'signing'", {}, [&](const store::Row& row) { box = row.bytes(0); });
  };
  const auto unwrap = [&]() -> Status {
    HOTLINE_ASSIGN(const DataKey seed, impl.vault.unwrap(box));
    crypto_sign_seed_keypair(key.open, key.secret, seed.data());
    return {};
  };
  HOTLINE_TRY(impl.database.read(look));
  if (box.empty()) {
    const std::string made = impl.vault.wrap(impl.vault.new_key());
    HOTLINE_TRY(impl.database.write([&](store::Transaction& t) -> Status {
      HOTLINE_TRY(t.post("INSERT INTO ticket_meta (name, value) VALUES ('signing', ?) ON CONFLICT (name) DO NOTHING", {store::Blob{made}}));
      HOTLINE_TRY(look(t));
      HOTLINE_TRY(unwrap());
      const std::string open(reinterpret_cast<const char*>(key.open), sizeof key.open);
      return t.post("INSERT INTO ticket_meta (name, value) VALUES ('signing.public', ?) ON CONFLICT (name) DO NOTHING", {store::Blob{open}});
    }));
  }
  HOTLINE_TRY(unwrap());
  return key;
}

Result<std::string> bytes_of(std::string_view hex, std::size_t size, std::string_view what) {
  std::string out;
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    if (digit(hex[i]) >= 0 && digit(hex[i + 1]) >= 0) out += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  if (out.size() != size || hex.size() != 2 * size)
    return Error(ErrorCode::invalid_argument, "the " + std::string(what) + " is not " + std::to_string(size) + " bytes in hexadecimal", "give it as it was issued");
  return out;
}

std::string leaf_hash(std::int64_t ticket, std::int64_t version, std::string_view head) {
  return sha256(std::string(1, '\0') + std::to_string(ticket) + " " + std::to_string(version) + " " + to_hex(head));
}

std::string note_leaf_hash(std::int64_t ticket, std::int64_t notes, std::string_view head) {
  return sha256(std::string(1, '\0') + "notes " + std::to_string(ticket) + " " + std::to_string(notes) + " " + to_hex(head));
}

std::string merkle_root(std::span<const std::string> leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves.front();
  const std::size_t k = half(leaves.size());
  return node_hash(merkle_root(leaves.first(k)), merkle_root(leaves.subspan(k)));
}

std::string anchor_hash(std::string_view previous, const AnchorRow& a) {
  return sha256("hotline.ticket.anchor.2\n" + to_hex(previous) + "\n" + std::to_string(a.id) + "\n" + std::to_string(to_ns(a.at)) + "\n" +
                std::to_string(a.tickets) + "\n" + std::to_string(a.events) + "\n" + to_hex(a.root));
}

bool signed_by(std::string_view signature, std::string_view hash, std::string_view open) {
  const auto raw = [](std::string_view b) { return reinterpret_cast<const unsigned char*>(b.data()); };
  return open.size() == crypto_sign_PUBLICKEYBYTES && signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(raw(signature), raw(hash), hash.size(), raw(open)) == 0;
}

Result<Anchor> anchor(Service& service, Time at) {
  Service::Impl& impl = service.impl();
  HOTLINE_ASSIGN(const SigningKey key, signing_key(impl));
  Anchor made;
  const Status status = impl.database.write([&](store::Transaction& t) -> Status {
    AnchorRow row;
    std::string previous;
    HOTLINE_TRY(t.query("SELECT id, hash FROM ticket_anchor ORDER BY id DESC LIMIT 1", {}, [&](const store::Row& r) {
      row.id = r.integer(0);
      previous = r.bytes(1);
    }));
    row.id += 1, row.at = at;
    struct Leaf {
      std::int64_t ticket, version;
      std::string head;
    };
    std::vector<Leaf> leaves;
    HOTLINE_TRY(t.query("SELECT k.id, k.version, k.head, coalesce((SELECT l.version FROM ticket_anchor_leaf l WHERE l.ticket = k.id ORDER BY l.anchor DESC LIMIT 1), 0) "
                        "FROM ticket_unanchored u JOIN ticket k ON k.id = u.ticket ORDER BY k.id" +
                            std::string(t.backend() == store::Backend::postgres ? " FOR UPDATE OF k" : ""),
                        {}, [&](const store::Row& r) {
                          leaves.push_back({r.integer(0), r.integer(1), std::string(r.bytes(2))});
                          row.events += r.integer(1) - r.integer(3);
                        }));
    const auto tickets = leaves.size();
    HOTLINE_TRY(t.query("SELECT u.ticket, (SELECT count(*) FROM ticket_note n WHERE n.ticket = u.ticket), (SELECT n.hash FROM ticket_note n WHERE n.ticket = u.ticket ORDER BY n.id DESC LIMIT 1), "
                        "coalesce((SELECT l.notes FROM ticket_note_leaf l WHERE l.ticket = u.ticket ORDER BY l.anchor DESC LIMIT 1), 0) FROM ticket_note_unanchored u ORDER BY u.ticket",
                        {}, [&](const store::Row& r) {
                          leaves.push_back({r.integer(0), r.integer(1), std::string(r.bytes(2))});
                          row.events += r.integer(1) - r.integer(3);
                        }));
    made = Anchor{row.id, at, row.events, {}, {}};
    if (leaves.empty()) return {};
    std::vector<std::string> hashes;
    for (const Leaf& leaf : std::span(leaves).subspan(tickets)) {
      HOTLINE_TRY(t.post("INSERT INTO ticket_note_leaf (anchor, ticket, notes, head) VALUES (?, ?, ?, ?)", {row.id, leaf.ticket, leaf.version, store::Blob{leaf.head}}));
      HOTLINE_TRY(t.post("DELETE FROM ticket_note_unanchored WHERE ticket = ?", {leaf.ticket}));
    }
    for (const Leaf& leaf : std::span(leaves).first(tickets)) {
      hashes.push_back(leaf_hash(leaf.ticket, leaf.version, leaf.head));
      HOTLINE_TRY(t.post("INSERT INTO ticket_anchor_leaf (anchor, ticket, version, head) VALUES (?, ?, ?, ?)", {row.id, leaf.ticket, leaf.version, store::Blob{leaf.head}}));
      HOTLINE_TRY(t.post("DELETE FROM ticket_unanchored WHERE ticket = ?", {leaf.ticket}));
    }
    for (const Leaf& leaf : std::span(leaves).subspan(tickets)) hashes.push_back(note_leaf_hash(leaf.ticket, leaf.version, leaf.head));
    row.tickets = static_cast<std::int64_t>(tickets);
    row.root = merkle_root(hashes);
    const std::string hash = anchor_hash(previous, row);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, reinterpret_cast<const unsigned char*>(hash.data()), hash.size(), key.secret);
    made.hash = to_hex(hash);
    made.signature = to_hex(signature);
    return t.post("INSERT INTO ticket_anchor (id, at, tickets, events, root, hash, signature) VALUES (?, ?, ?, ?, ?, ?, ?)",
                  {row.id, at, row.tickets, row.events, store::Blob{row.root}, store::Blob{hash}, store::Blob{signature}});
  });
  if (!status.ok()) return status.error();
  return made;
}

Result<Anchor> anchor_hourly(Service& service, Time now) {
  std::optional<std::int64_t> last;
  HOTLINE_TRY(service.database().read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(last, t.integer("SELECT max(at) FROM ticket_anchor"));
    return {};
  }));
  constexpr std::int64_t kHour = 3600LL * 1'000'000'000;
  if (last && *last / kHour >= to_ns(now) / kHour) return Anchor{};
  return anchor(service, now);
}

Result<std::string> public_key(Service& service) {
  HOTLINE_ASSIGN(const SigningKey key, signing_key(service.impl()));
  return to_hex({reinterpret_cast<const char*>(key.open), sizeof key.open});
}

Result<Proof> prove(const Service& service, TicketId ticket, Proof::Of of) {
  Proof out;
  std::vector<std::string> leaves;
  std::optional<std::size_t> mine;
  HOTLINE_TRY(service.database().read([&](store::Transaction& t) -> Status {
    std::string head;
    const bool notes = of == Proof::Of::notes;
    HOTLINE_ASSIGN(const auto anchor, t.integer(notes ? "SELECT max(anchor) FROM ticket_note_leaf WHERE ticket = ?" : "SELECT max(anchor) FROM ticket_anchor_leaf WHERE ticket = ?", {ticket.value}));
    if (!anchor) return Error(ErrorCode::not_found, "ticket id " + std::to_string(ticket.value) + " is in no anchor yet", "make one: anchor()");
    const auto take = [&](const store::Row& row, bool wanted, std::string hash) {
      if (wanted && static_cast<std::uint64_t>(row.integer(0)) == ticket.value) {
        mine = leaves.size();
        out.version = static_cast<std::uint64_t>(row.integer(1));
        out.head = to_hex(row.bytes(2));
      }
      leaves.push_back(std::move(hash));
    };
    HOTLINE_TRY(t.query("SELECT ticket, version, head FROM ticket_anchor_leaf WHERE anchor = ? ORDER BY ticket", {*anchor},
                        [&](const store::Row& row) { take(row, !notes, leaf_hash(row.integer(0), row.integer(1), row.bytes(2))); }));
    HOTLINE_TRY(t.query("SELECT ticket, notes, head FROM ticket_note_leaf WHERE anchor = ? ORDER BY ticket", {*anchor},
                        [&](const store::Row& row) { take(row, notes, note_leaf_hash(row.integer(0), row.integer(1), row.bytes(2))); }));
    HOTLINE_TRY(t.query("SELECT hash FROM ticket_anchor WHERE id = ?", {*anchor - 1}, [&](const store::Row& row) { out.previous = to_hex(row.bytes(0)); }));
    return t.query("SELECT id, at, tickets, events, hash, signature FROM ticket_anchor WHERE id = ?", {*anchor}, [&](const store::Row& row) {
      out.anchor = {row.integer(0), row.time(1), row.integer(3), to_hex(row.bytes(4)), to_hex(row.bytes(5))};
      out.tickets = row.integer(2);
    });
  }));
  out.ticket = ticket;
  out.of = of;
  path_of(leaves, *mine, out.path);
  for (ProofStep& step : out.path) step.hash = to_hex(step.hash);
  return out;
}

Status check(const Proof& proof, std::string_view key) {
  HOTLINE_ASSIGN(const std::string open, bytes_of(key, crypto_sign_PUBLICKEYBYTES, "public key"));
  HOTLINE_ASSIGN(const std::string head, bytes_of(proof.head, 32, "head"));
  HOTLINE_ASSIGN(const std::string signature, bytes_of(proof.anchor.signature, crypto_sign_BYTES, "signature"));
  HOTLINE_ASSIGN(const std::string anchored, bytes_of(proof.anchor.hash, 32, "anchor's hash"));
  std::string previous;
  if (!proof.previous.empty()) {
    HOTLINE_ASSIGN(previous, bytes_of(proof.previous, 32, "hash of the anchor before"));
  }
  const auto leaf = proof.of == Proof::Of::notes ? note_leaf_hash : leaf_hash;
  std::string hash = leaf(static_cast<std::int64_t>(proof.ticket.value), static_cast<std::int64_t>(proof.version), head);
  for (const ProofStep& step : proof.path) {
    HOTLINE_ASSIGN(const std::string other, bytes_of(step.hash, 32, "path"));
    hash = step.side == ProofStep::Side::left ? node_hash(other, hash) : node_hash(hash, other);
  }
  const AnchorRow row{proof.anchor.id, proof.anchor.at, proof.tickets, proof.anchor.events, hash};
  if (anchor_hash(previous, row) != anchored) return Error(ErrorCode::corrupt, "the proof does not lead to its anchor", "the ticket's head, or the proof, was changed");
  if (!signed_by(signature, anchored, open)) return Error(ErrorCode::corrupt, "the anchor's signature does not fit this key", "compare the published key");
  return {};
}

}  // namespace hotline::ticket
