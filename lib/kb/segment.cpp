#include "kb/segment.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace hotline::kb {

void Segment::index_keys() {
  const std::size_t n = keys_.size();
  const int bits = std::max(1, static_cast<int>(std::bit_width(n)));
  shift_ = 64 - bits;
  directory_.assign((std::size_t{1} << bits) + 1, 0);
  present_.assign((std::size_t{1} << bits << kFiner) / 8, 0);
  for (const std::uint64_t key : keys_) {
    ++directory_[(key >> shift_) + 1];
    present_[key >> (shift_ + 3 - kFiner)] |= presence(key);
  }
  std::partial_sum(directory_.begin(), directory_.end(), directory_.begin());
}

Postings Segment::find(std::uint64_t key) const {
  if (keys_.empty() || (present_[key >> (shift_ + 3 - kFiner)] & presence(key)) == 0) return {};
  const std::uint64_t slot = key >> shift_;
  for (std::uint32_t i = directory_[slot]; i < directory_[slot + 1]; ++i)
    if (keys_[i] == key) return at(i);
  return {};
}

std::size_t Segment::term_count(std::size_t document) const {
  if (term_counts_.empty()) {
    term_counts_.resize(size());
    for (const std::uint16_t d : documents_) ++term_counts_[d];
  }
  return term_counts_[document];
}

void SegmentBuilder::grow() {
  table_.assign(std::max<std::size_t>(4096, table_.size() * 2), 0);
  const std::size_t mask = table_.size() - 1;
  for (std::size_t n = 0; n < keys_.size(); ++n) {
    std::size_t i = (keys_[n] >> 8) & mask;
    while (table_[i] != 0) i = (i + 1) & mask;
    table_[i] = static_cast<std::uint32_t>(n + 1);
  }
}

std::uint32_t SegmentBuilder::number(std::uint64_t key) {
  if (keys_.size() * 2 >= table_.size()) grow();
  const std::size_t mask = table_.size() - 1;
  for (std::size_t i = (key >> 8) & mask;; i = (i + 1) & mask) {
    if (table_[i] == 0) {
      keys_.push_back(key);
      return (table_[i] = static_cast<std::uint32_t>(keys_.size())) - 1;
    }
    if (keys_[table_[i] - 1] == key) return table_[i] - 1;
  }
}

void SegmentBuilder::add(EntryId entry, const DocumentTerms& terms) {
  const auto document = static_cast<std::uint16_t>(entries_.size());
  entries_.push_back(entry);
  for (std::size_t s = 0; s < kStreams; ++s) lengths_[s].push_back(length_code(terms.length[s]));
  for (const TermCount& t : terms.terms) items_.push_back({number(t.key), document, t.count});
}

std::shared_ptr<const Segment> SegmentBuilder::build() {
  auto segment = std::make_shared<Segment>();
  std::vector<std::uint32_t> order(keys_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return keys_[a] < keys_[b]; });
  std::vector<std::uint32_t> rank(keys_.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    rank[order[i]] = static_cast<std::uint32_t>(i);
    segment->keys_.push_back(keys_[order[i]]);
  }
  segment->starts_.assign(keys_.size() + 1, 0);
  for (const Item& item : items_) ++segment->starts_[rank[item.term] + 1];
  std::partial_sum(segment->starts_.begin(), segment->starts_.end(), segment->starts_.begin());
  std::vector<std::uint32_t> at(segment->starts_.begin(), segment->starts_.end() - 1);
  segment->documents_.resize(items_.size());
  segment->counts_.resize(items_.size());
  for (const Item& item : items_) {
    const std::uint32_t to = at[rank[item.term]]++;
    segment->documents_[to] = item.document;
    segment->counts_[to] = item.count;
  }
  segment->entries_ = std::move(entries_);
  segment->lengths_ = std::move(lengths_);
  segment->index_keys();
  *this = {};
  return segment;
}

std::shared_ptr<const Segment> merge(std::span<const Segment* const> segments,
                                     std::span<const std::vector<bool>* const> dead) {
  auto out = std::make_shared<Segment>();
  std::vector<std::vector<std::uint32_t>> renumbered(segments.size());
  constexpr std::uint32_t kDead = ~0u;
  std::size_t postings = 0;
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const Segment& segment = *segments[s];
    postings += segment.posting_count();
    for (std::size_t d = 0; d < segment.size(); ++d) {
      if (s < dead.size() && dead[s] != nullptr && (*dead[s])[d]) {
        renumbered[s].push_back(kDead);
        continue;
      }
      renumbered[s].push_back(static_cast<std::uint32_t>(out->entries_.size()));
      out->entries_.push_back(segment.entry(d));
      for (std::size_t stream = 0; stream < kStreams; ++stream)
        out->lengths_[stream].push_back(segment.lengths_[stream][d]);
    }
  }
  struct Source {
    std::uint64_t key;
    std::uint32_t segment;
    std::uint32_t index;
  };
  std::vector<Source> sources;
  for (std::size_t s = 0; s < segments.size(); ++s)
    for (std::size_t i = 0; i < segments[s]->key_count(); ++i)
      sources.push_back({segments[s]->key(i), static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(i)});
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) {
    return a.key != b.key ? a.key < b.key : a.segment < b.segment;
  });
  out->documents_.reserve(postings);
  out->counts_.reserve(postings);
  for (std::size_t i = 0; i < sources.size();) {
    const std::uint64_t key = sources[i].key;
    const auto start = static_cast<std::uint32_t>(out->documents_.size());
    for (; i < sources.size() && sources[i].key == key; ++i) {
      const Postings p = segments[sources[i].segment]->at(sources[i].index);
      const auto& numbers = renumbered[sources[i].segment];
      for (std::uint32_t k = 0; k < p.size; ++k) {
        if (numbers[p.documents[k]] == kDead) continue;
        out->documents_.push_back(static_cast<std::uint16_t>(numbers[p.documents[k]]));
        out->counts_.push_back(p.counts[k]);
      }
    }
    if (out->documents_.size() == start) continue;
    out->keys_.push_back(key);
    out->starts_.push_back(start);
  }
  out->starts_.push_back(static_cast<std::uint32_t>(out->documents_.size()));
  out->index_keys();
  return out;
}

// --- on disk -----------------------------------------------------------------------------------------------------
// "hlkb1", varints: documents, keys; entries as deltas; 4 x lengths, a byte each; keys as deltas; for each key its
// number of postings, then postings: (delta << 1 | usual), and the count in a byte where it is not the usual 2; at
// the end 8 bytes of checksum over all before.
namespace {

constexpr std::string_view kMagic = "hlkb1";
constexpr std::uint8_t kUsual = 2;

void put(std::string& out, std::uint64_t v) {
  while (v >= 0x80) {
    out += static_cast<char>(v | 0x80);
    v >>= 7;
  }
  out += static_cast<char>(v);
}

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t a = 0x243F6A8885A308D3ull ^ bytes.size();
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    a = (a ^ word) * 0x9E3779B97F4A7C15ull;
    a ^= a >> 32;
  }
  return a;
}

struct Reader {
  const unsigned char* at;
  const unsigned char* end;
  bool bad = false;

  std::uint64_t get() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) break;
      const unsigned char byte = *at++;
      v |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return v;
    }
    bad = true;
    return 0;
  }
  std::uint8_t byte() {
    if (at == end) return bad = true, std::uint8_t{0};
    return *at++;
  }
  std::size_t left() const { return static_cast<std::size_t>(end - at); }
};

Error damaged() {
  return Error(ErrorCode::corrupt, "a segment of the search index is damaged",
               "it can be made again from the articles: KnowledgeBase::rebuild");
}

}  // namespace

std::string Segment::encode() const {
  std::string out(kMagic);
  out.reserve(posting_count() * 2 + keys_.size() * 8 + size() * 6);
  put(out, size());
  put(out, keys_.size());
  EntryId last = 0;
  for (const EntryId entry : entries_) {
    put(out, entry - last);
    last = entry;
  }
  for (const auto& lengths : lengths_) out.append(reinterpret_cast<const char*>(lengths.data()), lengths.size());
  std::uint64_t previous = 0;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    put(out, keys_[i] - previous);
    previous = keys_[i];
    const Postings p = at(i);
    put(out, p.size);
    std::uint32_t before = 0;
    for (std::uint32_t k = 0; k < p.size; ++k) {
      const bool usual = p.counts[k] == kUsual;
      put(out, static_cast<std::uint64_t>(p.documents[k] - before) << 1 | (usual ? 1u : 0u));
      if (!usual) out += static_cast<char>(p.counts[k]);
      before = p.documents[k];
    }
  }
  return seal_segment(std::move(out));
}

std::string seal_segment(std::string bytes) {
  const std::uint64_t sum = checksum(bytes);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(sum >> (8 * i));
  return bytes;
}

Result<std::shared_ptr<const Segment>> Segment::decode(std::string_view blob) {
  if (blob.size() < kMagic.size() + 8 || !blob.starts_with(kMagic)) return damaged();
  std::uint64_t sum = 0;
  for (int i = 0; i < 8; ++i)
    sum |= static_cast<std::uint64_t>(static_cast<unsigned char>(blob[blob.size() - 8 + static_cast<std::size_t>(i)])) << (8 * i);
  blob.remove_suffix(8);
  if (checksum(blob) != sum) return damaged();
  const auto* bytes = reinterpret_cast<const unsigned char*>(blob.data());
  Reader in{bytes + kMagic.size(), bytes + blob.size()};
  auto segment = std::make_shared<Segment>();
  const std::uint64_t documents = in.get();
  const std::uint64_t keys = in.get();
  if (in.bad || documents > kSegmentDocuments || documents > in.left() || keys > in.left()) return damaged();
  EntryId entry = 0;
  for (std::uint64_t i = 0; i < documents; ++i) {
    const std::uint64_t step = in.get();
    if (i > 0 && step == 0) return damaged();
    segment->entries_.push_back(entry += step);
  }
  if (in.bad || in.left() < documents * kStreams) return damaged();
  for (auto& lengths : segment->lengths_) {
    lengths.assign(in.at, in.at + documents);
    in.at += documents;
  }
  segment->keys_.reserve(keys);
  segment->starts_.reserve(keys + 1);
  segment->documents_.reserve(in.left());
  segment->counts_.reserve(in.left());
  std::uint64_t key = 0;
  for (std::uint64_t i = 0; i < keys; ++i) {
    const std::uint64_t step = in.get();
    const std::uint64_t count = in.get();
    if (in.bad || (i > 0 && step == 0) || count == 0 || count > documents || count > in.left()) return damaged();
    segment->keys_.push_back(key += step);
    segment->starts_.push_back(static_cast<std::uint32_t>(segment->documents_.size()));
    std::uint64_t document = 0;
    for (std::uint64_t k = 0; k < count; ++k) {
      const std::uint64_t code = in.get();
      if (k > 0 && code < 2) return damaged();
      document += code >> 1;
      if (document >= documents) return damaged();
      segment->documents_.push_back(static_cast<std::uint16_t>(document));
      segment->counts_.push_back((code & 1) != 0 ? kUsual : in.byte());
    }
  }
  if (in.bad || in.at != in.end) return damaged();
  segment->starts_.push_back(static_cast<std::uint32_t>(segment->documents_.size()));
  segment->documents_.shrink_to_fit();
  segment->counts_.shrink_to_fit();
  segment->index_keys();
  return std::shared_ptr<const Segment>(std::move(segment));
}

}  // namespace hotline::kb
