// Prompts: ids to texts, texts with {expressions} to pieces, for every language of the flow.
#include <algorithm>

#include "ivr/builtin_prompts.hpp"
#include "ivr/loader.hpp"

namespace hotline::ivr {
namespace {

bool is_id(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' || c == '/';
  });
}

std::string_view builtin_text(const BuiltinPrompt& prompt, std::string_view language) {
  switch (text::tongue(language)) {
    case text::Tongue::mandarin: return prompt.mandarin;
    case text::Tongue::cantonese: return prompt.cantonese;
    case text::Tongue::english: return prompt.english;
  }
  return prompt.english;
}

}  // namespace

void Loader::catalogue(const Node* node) {
  if (node == nullptr) return;
  if (node->is_scalar()) {
    for (const std::string& language : program_->languages) {
      const std::string path = node->text() + "/" + language + ".yaml";
      catalogue_file(language, path);
    }
    return;
  }
  for (const auto& [language, entries] : node->entries()) {
    if (entries.is_scalar()) catalogue_file(language.text(), entries.text());
    else catalogue_entries(language.text(), entries, file_);
  }
}

void Loader::catalogue_file(const std::string& language, const std::string& path) {
  auto loaded = document(path);
  if (!loaded) {
    error("V117", loaded.error().place().line ? loaded.error().place() : root_place_, loaded.error().message(),
          "write the prompts of " + language + " into " + path);
    return;
  }
  catalogue_entries(language, **loaded, shown(path));
}

void Loader::catalogue_entries(const std::string& language, const Node& entries, const std::string& file) {
  files_.push_back(file);
  if (std::find(program_->languages.begin(), program_->languages.end(), language) == program_->languages.end()) {
    warning("V164", entries.place(file), "prompts for `" + language + "`, which is not among the flow's languages",
            "add it to `languages`");
    return;
  }
  for (const auto& [id, text] : entries.entries())
    if (!id.text().starts_with("x-")) catalogue_[id.text()][language] = {&text, &files_.back()};
}

const Loader::Text* Loader::find_text(const std::string& id, std::uint16_t language, std::uint16_t* found) const {
  const auto texts = catalogue_.find(id);
  if (texts == catalogue_.end()) return nullptr;
  for (const auto candidate : program_->fallbacks[language]) {
    const auto text = texts->second.find(program_->languages[candidate]);
    if (text != texts->second.end()) {
      *found = candidate;
      return &text->second;
    }
  }
  return nullptr;
}

Index Loader::prompt_id(const std::string& id) {
  const auto [entry, fresh] = prompt_index_.emplace(id, static_cast<Index>(program_->prompt_ids.size()));
  if (fresh) program_->prompt_ids.push_back(id);
  return entry->second;
}

Index Loader::builtin_prompt(std::string_view id, Index scope) {
  const std::string key(id);
  if (catalogue_.contains(key)) return catalogue_prompt(key, scope, Node::null_at(0, 0));
  const auto known = prompts_.find({key, scope});
  if (known != prompts_.end()) return known->second;
  const auto found = std::find_if(std::begin(kBuiltinPrompts), std::end(kBuiltinPrompts), [&](const auto& b) { return b.id == id; });
  Prompt prompt;
  prompt.name = key;
  for (std::uint16_t language = 0; language < program_->languages.size(); ++language) {
    PromptVariant variant;
    variant.missing = false;
    variant.language = language;
    Segment segment;
    segment.prompt = prompt_id(key);
    segment.language = language;
    Piece piece;
    piece.text = builtin_text(*found, program_->languages[language]);
    segment.pieces.push_back(std::move(piece));
    variant.segments.push_back(std::move(segment));
    prompt.variants.push_back(std::move(variant));
  }
  program_->prompts.push_back(std::move(prompt));
  return prompts_[{key, scope}] = static_cast<Index>(program_->prompts.size() - 1);
}

Index Loader::catalogue_prompt(const std::string& id, Index scope, const Node& at) {
  used_prompts_.insert(id);
  const auto known = prompts_.find({id, scope});
  if (known != prompts_.end()) return known->second;
  Prompt prompt;
  prompt.name = id;
  prompt.place = place(at);
  for (std::uint16_t language = 0; language < program_->languages.size(); ++language) {
    PromptVariant variant;
    std::uint16_t found = language;
    if (const Text* text = find_text(id, language, &found)) {
      variant.language = found;
      variant.missing = !parts(*text->node, scope, found, *text->file, prompt_id(id), variant, 0);
      if (const Node* barge_in = text->node->find("barge_in")) prompt.barge_in = barge_in->as_bool().value_or(true);
    } else {
      error("V118", place(at), "the prompt `" + id + "` has no text in " + program_->languages[language],
            "write it into the prompts of " + program_->languages[language], id);
    }
    prompt.variants.push_back(std::move(variant));
  }
  program_->prompts.push_back(std::move(prompt));
  return prompts_[{id, scope}] = static_cast<Index>(program_->prompts.size() - 1);
}

Index Loader::prompt(const Node& node, Index scope, const std::string& context) {
  if (node.is_scalar() && (catalogue_.contains(node.text()) || is_id(node.text()))) {
    if (catalogue_.contains(node.text())) return catalogue_prompt(node.text(), scope, node);
    for (const auto& b : kBuiltinPrompts)
      if (b.id == node.text()) return builtin_prompt(b.id, scope);
    std::vector<std::string> ids;
    for (const auto& [id, texts] : catalogue_) ids.push_back(id);
    const std::string_view near = nearest(node.text(), ids);
    error("V117", place(node), context + " names the prompt `" + node.text() + "`, which nobody has written",
          near.empty() ? "write it into the prompt files, or write the words themselves here" : "did you mean `" + std::string(near) + "`?",
          context);
    return kNone;
  }
  Prompt prompt;
  prompt.name = context;
  prompt.place = place(node);
  for (std::uint16_t language = 0; language < program_->languages.size(); ++language) {
    PromptVariant variant;
    variant.language = language;
    variant.missing = !parts(node, scope, language, current_file_, kNone, variant, 0);
    if (variant.missing)
      error("V118", place(node), context + " says nothing in " + program_->languages[language],
            "add the text of that language", context);
    prompt.variants.push_back(std::move(variant));
  }
  if (const Node* barge_in = node.find("barge_in")) prompt.barge_in = barge_in->as_bool().value_or(true);
  program_->prompts.push_back(std::move(prompt));
  return static_cast<Index>(program_->prompts.size() - 1);
}

// Appends what `node` says in a language; false where something has no words in it.
bool Loader::parts(const Node& node, Index scope, std::uint16_t language, const std::string& file, Index id,
                   PromptVariant& into, int depth) {
  if (depth > 8) {
    error("V117", node.place(file), "prompts are nested too deep", "does a prompt name itself?");
    return false;
  }
  if (node.is_sequence()) {
    bool all = true;
    for (const Node& item : node.items()) all &= parts(item, scope, language, file, id, into, depth + 1);
    return all && !node.items().empty();
  }
  const std::string& tongue = program_->languages[language];
  if (node.is_scalar()) {
    if (catalogue_.contains(node.text())) {
      used_prompts_.insert(node.text());
      std::uint16_t found = language;
      const Text* text = find_text(node.text(), language, &found);
      return text != nullptr && parts(*text->node, scope, found, *text->file, prompt_id(node.text()), into, depth + 1);
    }
    for (const auto& b : kBuiltinPrompts)
      if (b.id == node.text())
        return piece_text(std::string(builtin_text(b, tongue)), node, file, scope, language, prompt_id(node.text()), "", into);
    return piece_text(node.text(), node, file, scope, language, id, "", into);
  }
  if (!node.is_mapping()) return false;
  if (const Node* pause = node.find("pause")) {
    const auto length = parse_duration(pause->text());
    if (!length || *length < Duration::zero()) {
      error("D003", pause->place(file), "a pause is a duration", "write {pause: 500ms}");
      return false;
    }
    Segment segment;
    segment.silence = *length;
    segment.language = language;
    into.segments.push_back(std::move(segment));
    return true;
  }
  if (const Node* other = node.find("prompt")) return parts(*other, scope, language, file, id, into, depth + 1);
  if (const Node* say = node.find("say")) {
    const Node* value = node.find("value");
    if (value == nullptr) {
      error("D004", node.place(file), "`say` without a `value`", "write {say: number, value: expression}");
      return false;
    }
    return piece_text("{" + value->text() + "|" + say->text() + "}", *value, file, scope, language, id, "", into);
  }
  const Node* text = node.find("text");
  const Node* audio = node.find("file");
  const auto in_language = [&](const Node* n) -> const Node* {
    if (n == nullptr || n->is_scalar()) return n;
    for (const auto candidate : program_->fallbacks[language])
      if (const Node* found = n->find(program_->languages[candidate])) return found;
    return nullptr;
  };
  if (text == nullptr && audio == nullptr) {  // {zh-CN: ..., en-US: ...}
    text = in_language(&node);
    if (text == nullptr) return false;
    if (!text->is_scalar()) return parts(*text, scope, language, file, id, into, depth + 1);
  }
  const Node* words = in_language(text);
  const Node* sound = in_language(audio);
  if (words == nullptr && sound == nullptr) return false;
  for (const auto& [key, value] : node.entries())
    if (key.text() != "text" && key.text() != "file" && key.text() != "barge_in" && key.text() != "note" &&
        !key.text().starts_with("x-") && node.find("text") != nullptr)
      error("D002", key.place(file), "a prompt has no `" + key.text() + "`", "it has text, file, barge_in and note");
  return piece_text(words ? words->text() : "", words ? *words : *sound, file, scope, language, id, sound ? sound->text() : "", into);
}

// "您的号码是{number|phone}。": text and expressions; "{{" is a brace.
bool Loader::piece_text(const std::string& text, const Node& at, const std::string& file, Index scope,
                        std::uint16_t language, Index id, const std::string& audio, PromptVariant& into) {
  Segment segment;
  segment.prompt = id;
  segment.language = language;
  segment.file = audio;
  std::string words;
  const auto flush = [&] {
    if (words.empty()) return;
    Piece piece;
    piece.text = std::move(words);
    words.clear();
    segment.pieces.push_back(std::move(piece));
  };
  const Place where = at.place(file);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && i + 1 < text.size() && text[i + 1] == '{') {
      words += '{';
      ++i;
    } else if (text[i] == '{') {
      const auto end = text.find('}', i);
      if (end == text.npos) {
        error("V123", where, "a `{` is never closed", "write {expression|kind}, or {{ for a brace");
        return false;
      }
      std::string inside = text.substr(i + 1, end - i - 1);
      i = end;
      Piece piece;
      piece.kind = Piece::Kind::say;
      const auto bar = inside.rfind('|');
      if (bar != inside.npos && (bar == 0 || inside[bar - 1] != '|')) {
        std::string kind = inside.substr(bar + 1);
        kind.erase(0, kind.find_first_not_of(' '));
        kind.erase(kind.find_last_not_of(' ') + 1);
        const auto parsed = text::parse_say_as(kind);
        if (!parsed) error("V121", where, parsed.error().message(), parsed.error().remedy());
        else piece.say = *parsed;
        inside.erase(bar);
      }
      piece.expression = expression(inside, where, scope);
      flush();
      segment.pieces.push_back(std::move(piece));
    } else {
      words += text[i];
    }
  }
  flush();
  if (!audio.empty() && std::any_of(segment.pieces.begin(), segment.pieces.end(), [](const Piece& p) { return p.kind == Piece::Kind::say; }))
    error("V121", where, "a recorded prompt cannot say a changing value", "split it: a recording, then {say: ..., value: ...}");
  if (segment.pieces.empty() && audio.empty()) return true;  // "" says nothing, on purpose
  if (!audio.empty() && options_.audio_files && options_.read) {
    const auto bytes = options_.read(audio);
    if (!bytes) error("V119", where, "the recording `" + audio + "` is missing", "record it, or take `file` away: it is synthesised then");
    else if (!bytes->starts_with("RIFF") && !bytes->starts_with("fLaC") && !bytes->starts_with("OggS"))
      error("V120", where, "the recording `" + audio + "` is neither WAV, FLAC nor Ogg", "convert it to 8 kHz mono WAV");
    else if (bytes->starts_with("RIFF") && bytes->size() > 28) {
      const auto at4 = [&](std::size_t o) {
        return static_cast<unsigned char>((*bytes)[o]) | static_cast<unsigned char>((*bytes)[o + 1]) << 8 |
               static_cast<unsigned char>((*bytes)[o + 2]) << 16;
      };
      const int rate = at4(24);
      const int channels = static_cast<unsigned char>((*bytes)[22]);
      if ((rate != 8000 && rate != 16000) || channels != 1)
        error("V120", where, "the recording `" + audio + "` has " + std::to_string(rate) + " Hz and " + std::to_string(channels) + " channels",
              "convert it to 8 kHz (or 16 kHz) mono");
    }
  }
  into.segments.push_back(std::move(segment));
  return true;
}

}  // namespace hotline::ivr
