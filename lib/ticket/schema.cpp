#include "ticket/impl.hpp"

namespace hotline::ticket {

// A released step is never edited: add one.
std::span<const store::Migration> schema() {
  static constexpr store::Migration kSteps[] = {
      {1, R"sql(
CREATE TABLE ticket_meta (name TEXT PRIMARY KEY, value {bytes} NOT NULL) {clustered};
CREATE TABLE ticket_counter (space TEXT PRIMARY KEY, next {int} NOT NULL) {clustered};
CREATE TABLE ticket_definition (
  id TEXT NOT NULL, version {int} NOT NULL, fingerprint TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (id, version));

CREATE TABLE ticket_calendars (revision {int} PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, source TEXT NOT NULL);

CREATE TABLE ticket_citizen (
  id {auto},
  phone TEXT, name TEXT, id_number TEXT,  -- blind indexes
  key_box {bytes},            -- wrapped; null once the person was forgotten
  profile {bytes});           -- sealed
CREATE INDEX ticket_citizen_phone ON ticket_citizen (phone);
CREATE INDEX ticket_citizen_name ON ticket_citizen (name);
CREATE INDEX ticket_citizen_number ON ticket_citizen (id_number);

CREATE TABLE ticket (
  id {id},
  number TEXT NOT NULL UNIQUE,
  registry TEXT NOT NULL UNIQUE,
  version {int} NOT NULL,
  head {bytes} NOT NULL,      -- hash of the last event
  definition TEXT NOT NULL,
  calendars {int} NOT NULL,   -- revision that its due times rest on
  snapshot {bytes} NOT NULL,  -- Instance::encode
  fields TEXT NOT NULL,       -- of the root, JSON: to be searched
  state TEXT NOT NULL,        -- of the main region
  finished {int} NOT NULL,
  channel TEXT NOT NULL, kind TEXT NOT NULL, category TEXT NOT NULL, area TEXT NOT NULL, level TEXT NOT NULL,
  title TEXT NOT NULL, content TEXT NOT NULL, place TEXT NOT NULL, secrecy {int} NOT NULL,
  unit TEXT NOT NULL, complained_unit TEXT NOT NULL, reply TEXT NOT NULL,
  due {int}, overdue {int} NOT NULL,
  created_at {int} NOT NULL, updated_at {int} NOT NULL, closed_at {int},
  citizen {int} REFERENCES ticket_citizen (id), access TEXT, dedupe TEXT,
  parent {int}, merged_into {int},
  party_due {int});           -- the strictest of those merged into it
CREATE INDEX ticket_calendars_left ON ticket (calendars, id) WHERE closed_at IS NULL;
CREATE INDEX ticket_created ON ticket (created_at);
CREATE INDEX ticket_by_citizen ON ticket (citizen);
CREATE INDEX ticket_by_unit ON ticket (unit, finished, due);
CREATE INDEX ticket_by_state ON ticket (state, created_at);
CREATE INDEX ticket_by_category ON ticket (category, created_at);
CREATE INDEX ticket_dedupe ON ticket (dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX ticket_by_parent ON ticket (parent) WHERE parent IS NOT NULL;
CREATE INDEX ticket_by_target ON ticket (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE ticket_event (
  ticket {int} NOT NULL, version {int} NOT NULL,
  at {int} NOT NULL, type TEXT NOT NULL, actor TEXT NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL,
  command TEXT, digest {bytes},
  body TEXT NOT NULL, sealed {bytes}, hash {bytes} NOT NULL,
  PRIMARY KEY (ticket, version));  -- rows in the order of arrival: a group of transitions writes few pages
CREATE UNIQUE INDEX ticket_event_command ON ticket_event (command) WHERE command IS NOT NULL;

CREATE TABLE ticket_assignment (
  ticket {int} NOT NULL, node {int} NOT NULL, parent {int} NOT NULL, unit TEXT NOT NULL, lead {int} NOT NULL,
  machine TEXT NOT NULL, state TEXT NOT NULL, counts {int} NOT NULL, due {int}, overdue {int} NOT NULL, created_at {int} NOT NULL, updated_at {int} NOT NULL,
  PRIMARY KEY (ticket, node)) {clustered};
CREATE INDEX ticket_assignment_unit ON ticket_assignment (unit, counts, due);

CREATE TABLE ticket_timer (
  ticket {int} NOT NULL, node {int} NOT NULL, timer TEXT NOT NULL, generation {int} NOT NULL, due {int} NOT NULL,
  PRIMARY KEY (ticket, node, timer)) {clustered};
CREATE INDEX ticket_timer_due ON ticket_timer (due);

CREATE TABLE ticket_outbox (
  id {auto}, ticket {int} NOT NULL, key TEXT NOT NULL, channel TEXT NOT NULL, recipient TEXT NOT NULL, template TEXT NOT NULL,
  body TEXT NOT NULL, due {int}, attempts {int} NOT NULL, created_at {int} NOT NULL, done_at {int}, problem TEXT);
CREATE INDEX ticket_outbox_due ON ticket_outbox (due) WHERE due IS NOT NULL;
CREATE INDEX ticket_outbox_ticket ON ticket_outbox (ticket);

CREATE TABLE ticket_attachment (
  ticket {int} NOT NULL, sha256 TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL, size {int} NOT NULL,
  version {int} NOT NULL, PRIMARY KEY (ticket, sha256)) {clustered};

CREATE TABLE ticket_party (ticket {int} NOT NULL, source {int} NOT NULL, citizen {int}, due {int}, PRIMARY KEY (ticket, source)) {clustered};
CREATE TABLE ticket_catalogue (version {int} PRIMARY KEY, effective {int} NOT NULL, source TEXT NOT NULL) {clustered};
CREATE TABLE ticket_unit (id TEXT PRIMARY KEY, path TEXT NOT NULL, name TEXT NOT NULL, leader TEXT NOT NULL) {clustered};
CREATE TABLE ticket_access (ticket {int} NOT NULL, actor TEXT NOT NULL, until {int} NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (ticket, actor)) {clustered};
CREATE TABLE ticket_reading (id {auto}, ticket {int} NOT NULL, at {int} NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL);
CREATE INDEX ticket_reading_ticket ON ticket_reading (ticket, at);
CREATE TABLE ticket_measure (
  kpi TEXT NOT NULL, ticket {int} NOT NULL, at {int} NOT NULL, num {int} NOT NULL, den {int} NOT NULL,
  unit TEXT NOT NULL, category TEXT NOT NULL, area TEXT NOT NULL, channel TEXT NOT NULL, PRIMARY KEY (ticket, kpi)) {clustered};
CREATE INDEX ticket_measure_at ON ticket_measure (kpi, at, num, den, ticket);
CREATE TABLE ticket_figure (
  kpi TEXT NOT NULL, first {int} NOT NULL, last {int} NOT NULL, revision {int} NOT NULL, at {int} NOT NULL, num {int} NOT NULL, den {int} NOT NULL,
  PRIMARY KEY (kpi, first, last, revision)) {clustered};

CREATE TABLE ticket_try (caller TEXT PRIMARY KEY, hour {int} NOT NULL, tries {int} NOT NULL) {clustered};
CREATE TABLE ticket_unanchored (ticket {int} PRIMARY KEY) {clustered};  -- with events since the last anchor
CREATE TABLE ticket_anchor_leaf (anchor {int} NOT NULL, ticket {int} NOT NULL, version {int} NOT NULL, head {bytes} NOT NULL, PRIMARY KEY (anchor, ticket)) {clustered};
CREATE INDEX ticket_anchor_leaf_ticket ON ticket_anchor_leaf (ticket, anchor);
CREATE TABLE ticket_gone (  -- moved to an archive; their numbers still answer
  id {int} PRIMARY KEY, number TEXT NOT NULL UNIQUE, registry TEXT NOT NULL UNIQUE, version {int} NOT NULL, head {bytes} NOT NULL, at {int} NOT NULL);
CREATE TABLE ticket_note (id {auto}, ticket {int} NOT NULL, at {int} NOT NULL, actor TEXT NOT NULL, unit TEXT NOT NULL, class TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX ticket_note_ticket ON ticket_note (ticket);
CREATE TABLE ticket_anchor (
  id {id}, at {int} NOT NULL, tickets {int} NOT NULL, events {int} NOT NULL, root {bytes} NOT NULL, hash {bytes} NOT NULL, signature {bytes} NOT NULL);
)sql"},
      {2, R"sql(
DROP TABLE ticket_note;  -- nothing was ever written to it
CREATE TABLE ticket_note (
  id {auto}, ticket {int} NOT NULL, at {int} NOT NULL, actor TEXT NOT NULL, unit TEXT NOT NULL, class {int} NOT NULL, text TEXT NOT NULL,
  command TEXT, hash {bytes} NOT NULL);
CREATE INDEX ticket_note_ticket ON ticket_note (ticket, id);
CREATE UNIQUE INDEX ticket_note_command ON ticket_note (command) WHERE command IS NOT NULL;
)sql"},
      // What is still to be delivered is found by its time; only what is done with is asked for by its ticket. Transitions save a page.
      {3, "DROP INDEX ticket_outbox_ticket; CREATE INDEX ticket_outbox_ticket ON ticket_outbox (ticket) WHERE due IS NULL"},
      // A timer whose firing failed is tried again later: how often it was, and why it failed.
      {4, "ALTER TABLE ticket_timer ADD COLUMN attempts {int} NOT NULL DEFAULT 0; ALTER TABLE ticket_timer ADD COLUMN problem TEXT;"
          "CREATE INDEX ticket_timer_failing ON ticket_timer (ticket) WHERE attempts > 0"},
      {5, R"sql(
CREATE TABLE ticket_note_unanchored (ticket {int} PRIMARY KEY) {clustered};
CREATE TABLE ticket_note_leaf (anchor {int} NOT NULL, ticket {int} NOT NULL, notes {int} NOT NULL, head {bytes} NOT NULL, PRIMARY KEY (anchor, ticket)) {clustered};
CREATE INDEX ticket_note_leaf_ticket ON ticket_note_leaf (ticket, anchor);
INSERT INTO ticket_note_unanchored (ticket) SELECT DISTINCT ticket FROM ticket_note;
)sql"},
  };
  return kSteps;
}

// The full-text index differs too much to be written once.
std::span<const store::Migration> text_schema(store::Backend backend) {
  static constexpr store::Migration kSqlite[] = {
      {1, "CREATE VIRTUAL TABLE ticket_text USING fts5(words, content='', detail=none, columnsize=0, tokenize=\"unicode61 remove_diacritics 0\")"},
      {2, "CREATE VIRTUAL TABLE ticket_note_text USING fts5(words, content='', detail=none, columnsize=0, tokenize=\"unicode61 remove_diacritics 0\")"}};
  static constexpr store::Migration kPostgres[] = {
      {1, "CREATE TABLE ticket_text (id BIGINT PRIMARY KEY, words tsvector NOT NULL); CREATE INDEX ticket_text_words ON ticket_text USING gin (words)"},
      {2, "CREATE TABLE ticket_note_text (id BIGINT PRIMARY KEY, words tsvector NOT NULL); CREATE INDEX ticket_note_text_words ON ticket_note_text USING gin (words)"}};
  return backend == store::Backend::sqlite ? std::span<const store::Migration>(kSqlite) : std::span<const store::Migration>(kPostgres);
}

}  // namespace hotline::ticket
