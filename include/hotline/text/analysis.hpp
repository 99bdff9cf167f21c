// What a text is made of, for searching: folded characters with a map back to the original, and tokens of
// four streams (words, bigrams, unigrams, Latin 4-grams) cut per run of script, without a language setting.
//
// Folding is NFKC_Casefold (Unicode UAX #15 and #31), then ICU's Traditional-Simplified character by
// character. Words come from ICU's dictionaries (UAX #29), from spaces, and from a user's own list.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hotline::text {

// A folded text. Position i stands for the original bytes from origin[i]; origin has one more entry than
// text, the length of the original. Several positions can share one origin (ß gives ss). Plain value.
struct Normalised {
  std::u32string text;
  std::vector<std::uint32_t> origin;

  // The original bytes that positions [begin, end) came from.
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const Range&) const = default;
  };
  Range original(std::uint32_t begin, std::uint32_t end) const;
};

// Takes any bytes: what is not UTF-8 becomes U+FFFD. Overwrites `out` and keeps its memory. Any thread.
void normalise(std::string_view original, Normalised& out);
// The folded text as UTF-8: equal for "ＡＢＣ" and "abc", for "勞動" and "劳动".
std::string fold(std::string_view original);
// The simplified form of a traditional character, or the character.
char32_t simplified(char32_t c);

std::string to_utf8(std::u32string_view text);
std::u32string to_utf32(std::string_view text);

enum class Script : std::uint8_t {
  other,       // blanks, punctuation, symbols
  letter,      // alphabets that put blanks or hyphens between words
  digit,
  han,
  kana,
  hangul,
  dictionary,  // Thai, Lao, Khmer, Burmese: words without blanks between them
};
Script script_of(char32_t c);

enum class Stream : std::uint8_t { word, bigram, unigram, gram };
std::string_view to_string(Stream stream);

// A token covers positions [begin, end) of the folded text. Its key is a hash of stream and characters:
// equal tokens have equal keys, in every process and version.
struct Token {
  Stream stream = Stream::word;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint64_t key = 0;
};

std::uint64_t token_key(Stream stream, std::u32string_view characters);

struct Analysis {
  Normalised normal;
  std::vector<Token> tokens;
};

// Cuts texts into tokens:
//   Han, kana, hangul     words, overlapping bigrams, unigrams
//   letters               words, and 4-grams of ^word$, which forgive endings and slips
//   digits and codes      whole ("th01", also for TH-01) and in parts ("th", "01")
// The same at indexing and at asking. Confined; cheap to keep, dear to make (ICU opens its dictionaries).
enum class Cut : std::uint8_t { whole, without_dictionaries };  // the latter: no words of Han, kana, hangul, Thai ...

class Analyzer {
 public:
  Analyzer();
  Analyzer(Analyzer&&) noexcept;
  Analyzer& operator=(Analyzer&&) noexcept;
  ~Analyzer();

  // Terms that the dictionaries do not know ("粤省事", "跨省通办"): each occurrence becomes a word of its own.
  // Replaces the earlier list; an index made with another list must be made again.
  void set_dictionary(const std::vector<std::string>& terms);

  // Overwrites `out` and keeps its memory.
  void analyse(std::string_view original, Analysis& out, Cut cut = Cut::whole);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hotline::text
