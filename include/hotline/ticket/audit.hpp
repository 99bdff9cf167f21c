// The log that cannot be edited unnoticed. Each event of a ticket carries the SHA-256 of the one before it and of its own
// content; once an hour an anchor hashes the heads of all tickets and of all notes that changed, and the anchor before, and is signed (Ed25519).
// Whoever edits, removes or adds an event breaks its ticket's chain; whoever removes a whole ticket breaks an anchor.
// Personal data is in the chain only in sealed form, so erasing a person's key leaves every proof as it was.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

struct Anchor {
  std::int64_t id = 0;
  Time at{};
  std::int64_t events = 0;  // and notes, since the anchor before
  std::string hash;         // hexadecimal
  std::string signature;    // hexadecimal; of the hash, by public_key()
};

// Hashes what happened since the last anchor and signs it. Call it hourly, and print, mail or publish the hash: what lies
// outside of the database cannot be changed with it. Nothing new: no anchor (events = 0).
Result<Anchor> anchor(Service& service, Time at);
// The key that signs anchors, hexadecimal; publish it once.
Result<std::string> public_key(Service& service);

// The same, at most once in every hour of the clock: call it whenever you like. Not yet time: no anchor (events = 0).
Result<Anchor> anchor_hourly(Service& service, Time now);

struct ProofStep {
  enum class Side : std::uint8_t { left, right };
  Side side{};       // of the other branch
  std::string hash;  // hexadecimal
};

// That a ticket's log, up to `version` and with the head `head`, was there when its last anchor was signed: a Merkle audit path
// (RFC 6962) that tells nothing of other tickets. Whoever has the public key can check it without the database.
struct Proof {
  enum class Of : std::uint8_t { events, notes };
  Of of = Of::events;
  TicketId ticket;
  std::uint64_t version = 0;  // of notes: how many
  std::string head;  // hexadecimal; EventRecord::hash of that version
  std::vector<ProofStep> path;
  std::int64_t tickets = 0;  // in the anchor
  std::string previous;      // hash of the anchor before; "" at the first
  Anchor anchor;
};
// Errors: not_found (no anchor holds it yet).
Result<Proof> prove(const Service& service, TicketId ticket, Proof::Of of = Proof::Of::events);
// Errors: corrupt (something was changed), invalid_argument (not a proof).
Status check(const Proof& proof, std::string_view public_key);

struct Finding {
  TicketId ticket;            // 0: of an anchor
  std::uint64_t version = 0;  // or the anchor's number
  std::string what;
};

struct Verification {
  std::uint64_t tickets = 0, events = 0, anchors = 0;
  std::uint64_t not_anchored = 0;  // events since the last anchor
  std::vector<Finding> findings;   // at most 100; empty: all is as it was written
  bool good() const { return findings.empty(); }
};

// Checks every chain, every anchor, and that replaying a ticket's events gives its stored state. Reads everything:
// `progress(done, total)` in tickets; may be empty.
Result<Verification> verify(Service& service, const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});
// The same from the database alone, without a workflow given: what `hotline ticket verify DB` runs.
Result<Verification> verify(store::Database database, const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace hotline::ticket
