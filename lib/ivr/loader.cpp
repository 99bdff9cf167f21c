#include "ivr/loader.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ivr/hours.hpp"

namespace hotline::ivr {
namespace {

struct Builtin {
  std::string_view name;
  expr::Kind kind;
};
// By slot; see namespace builtin.
constexpr Builtin kBuiltins[] = {
    {"caller", expr::Kind::string},       {"dialled", expr::Kind::string},          {"language", expr::Kind::string},
    {"profile", expr::Kind::string},      {"key", expr::Kind::string},              {"recording", expr::Kind::string},
    {"recording_seconds", expr::Kind::integer}, {"error", expr::Kind::string},      {"error_node", expr::Kind::string},
    {"queue_position", expr::Kind::integer}, {"queue_wait", expr::Kind::integer},   {"hung_up", expr::Kind::boolean},
    {"known_language", expr::Kind::string}, {"now", expr::Kind::timestamp},
};
static_assert(std::size(kBuiltins) == builtin::count);

expr::Type type_of(expr::Kind kind) {
  switch (kind) {
    case expr::Kind::boolean: return expr::Type::boolean();
    case expr::Kind::integer: return expr::Type::integer();
    case expr::Kind::real: return expr::Type::real();
    case expr::Kind::timestamp: return expr::Type::timestamp();
    default: return expr::Type::string();
  }
}

}  // namespace

Index Program::find(std::string_view wanted) const {
  for (Index i = 0; i < nodes.size(); ++i)
    if (nodes[i].id == wanted) return i;
  return kNone;
}

std::string target_name(const Program& program, Index to) {
  switch (to) {
    case target::unwired: return "";
    case target::hangup: return "hangup";
    case target::back: return "back";
    case target::main: return "main";
    case target::repeat: return "repeat";
    case target::agent: return "agent";
    case target::give_back: return "return";
    default: return program.nodes[to].id;
  }
}

Loader::Loader(std::string file, const LoadOptions& options)
    : file_(std::move(file)), current_file_(file_), options_(options), diagnostics_(file_), program_(std::make_shared<Program>()) {}

void Loader::error(std::string code, const Place& at, std::string message, std::string remedy, std::string subject) {
  diagnostics_.error(std::move(code), std::move(message), std::move(remedy), at, std::move(subject));
}
void Loader::warning(std::string code, const Place& at, std::string message, std::string remedy, std::string subject) {
  diagnostics_.warning(std::move(code), std::move(message), std::move(remedy), at, std::move(subject));
}

Result<std::string> Loader::read(const std::string& path) {
  if (!options_.read)
    return Error(ErrorCode::io, "cannot read `" + path + "`: the flow was given as text, without a folder",
                 "load it from a file, or give a reader");
  return options_.read(path);
}

// Files beside the flow are named as one reaches them from where the flow's own name holds.
std::string Loader::shown(const std::string& path) const {
  const auto folder = std::filesystem::path(file_).parent_path();
  return folder.empty() || std::filesystem::path(path).is_absolute() ? path : (folder / path).lexically_normal().string();
}

Result<const Node*> Loader::document(const std::string& path) {
  HOTLINE_ASSIGN(const std::string text, read(path));
  HOTLINE_ASSIGN(Node node, parse_document(text, shown(path)));
  documents_.push_back(std::move(node));
  files_.push_back(shown(path));
  return &documents_.back();
}

std::shared_ptr<const Program> Loader::load(const Node& document) {
  root_place_ = document.place(file_);
  program_->file = file_;
  program_->source = document;
  if (!document.is_mapping()) {
    error("V100", root_place_, "this is no flow", "a flow is a mapping that begins with `flow: 1`");
    return nullptr;
  }
  Fields fields(document, diagnostics_, "the flow");
  header(fields);
  bindings();
  std::vector<Raw> raws;
  open_scope("", root_place_);
  program_->scopes[0].start_name = start_;
  const Node* nodes = fields.required("nodes");
  variables(fields.get("variables"), 0);
  if (nodes != nullptr) collect_nodes(*nodes, 0, raws);
  subflows(fields.get("subflows"), raws);
  std::vector<std::pair<int, const Node*>> later;
  flow_keys_[0].action = GlobalAction::agent;
  flow_keys_[9].action = GlobalAction::repeat;
  flow_keys_[10].action = GlobalAction::back;
  flow_keys_[11].action = GlobalAction::main;
  if (const Node* keys = fields.get("global_keys")) {
    read_global_keys(flow_keys_, *keys, 0, later);
    for (const auto& [key, value] : later) late_keys_.emplace_back(kNone, key, value->text(), place(*value));
  }
  fields.finish();
  if (raws.size() > 65'000) error("V100", root_place_, "the flow has " + std::to_string(raws.size()) + " nodes", "65,000 is the most; split it into several flows");
  for (const Raw& raw : raws) read_node(raw);
  link();
  if (program_->agent != kNone) program_->agent_words = builtin_prompt("hotline.agent_key", 0);
  for (const auto& [id, texts] : catalogue_)
    if (!used_prompts_.contains(id)) program_->unused_prompts.emplace_back(id, texts.begin()->second.node->place(*texts.begin()->second.file));
  program_->fingerprint = fingerprint(document);
  for (const Scope& scope : program_->scopes) program_->scratch = std::max<Index>(program_->scratch, static_cast<Index>(scope.slots.size()));
  return program_;
}

void Loader::header(Fields& fields) {
  if (fields.integer("flow", 0, 0, 1000) != 1)
    error("V100", root_place_, "this is no flow of format version 1", "begin the file with `flow: 1`");
  Program& p = *program_;
  p.id = fields.string("id", std::filesystem::path(file_).stem().string());
  p.title = fields.string("title", p.id);
  p.version = fields.string("version", "1");
  p.revised = fields.string("revised");
  if (const Node* revised = fields.get("revised")) p.revised_at = place(*revised);
  p.today = options_.today;
  p.languages = fields.strings("languages");
  if (p.languages.empty()) p.languages = {"zh-CN"};
  start_ = fields.string("start");
  main_ = fields.string("main");
  agent_ = fields.string("agent");
  on_hangup_ = fields.string("on_hangup");
  on_error_ = fields.string("on_error");
  p.call_limit = fields.duration("call_limit", std::chrono::minutes(60));
  for (std::uint16_t i = 0; i < p.languages.size(); ++i) {
    std::vector<std::uint16_t> chain{i};
    const auto base = [](const std::string& l) { return l.substr(0, l.find('-')); };
    for (std::uint16_t j = 0; j < p.languages.size(); ++j)
      if (j != i && base(p.languages[j]) == base(p.languages[i])) chain.push_back(j);
    p.fallbacks.push_back(std::move(chain));
  }
  if (const Node* numbers = fields.get("dialled_languages"))
    for (const auto& [number, language] : numbers->entries())
      p.dialled_languages.emplace_back(number.text(), language.text());
  catalogue(fields.get("prompts"));
  calendars(fields.get("calendars"));
  profiles(fields.get("profiles"));
  allowances(fields.get("allow"));
}

Index Loader::open_scope(std::string name, Place at) {
  const auto index = static_cast<Index>(program_->scopes.size());
  Scope scope;
  scope.name = std::move(name);
  scope.place = std::move(at);
  program_->scopes.push_back(std::move(scope));
  scope_by_name_[program_->scopes[index].name] = index;
  if (index == 0) {
    for (const Builtin& b : kBuiltins) declare(0, std::string(b.name), type_of(b.kind), {}, {}, true);
  } else {
    Scope& fresh = program_->scopes[index];
    for (Index i = 0; i < builtin::count; ++i) {
      (void)fresh.environment.declare(kBuiltins[i].name, type_of(kBuiltins[i].kind));
      fresh.slots.push_back(i);
    }
  }
  program_->scopes[index].first_slot = program_->scopes[index].end_slot = static_cast<Index>(program_->variables.size());
  return index;
}

Index Loader::declare(Index scope_index, std::string plain, expr::Type type, Value initial, Place at, bool is_builtin) {
  Scope& scope = program_->scopes[scope_index];
  const auto declared = scope.environment.declare(plain, type);
  if (!declared) {
    error("V131", at, "the variable `" + plain + "` cannot be declared: " + declared.error().message(),
          "choose another name: letters, digits and _");
    return kNone;
  }
  VariableDef v;
  v.name = scope.name.empty() ? plain : scope.name + "." + plain;
  v.plain = std::move(plain);
  v.kind = type.kind();
  v.initial = std::move(initial);
  v.place = std::move(at);
  v.builtin = is_builtin;
  program_->variables.push_back(std::move(v));
  const auto slot_index = static_cast<Index>(program_->variables.size() - 1);
  scope.slots.push_back(slot_index);
  scope.end_slot = slot_index + 1;
  return slot_index;
}

void Loader::variables(const Node* node, Index scope) {
  if (node == nullptr) return;
  for (const auto& [key, definition] : node->entries()) {
    std::string type_name = definition.is_scalar() ? definition.text() : "string";
    const Node* initial = nullptr;
    bool secret = false;
    if (definition.is_mapping()) {
      Fields fields(definition, diagnostics_, "variable `" + key.text() + "`");
      type_name = fields.string("type", "string");
      initial = fields.get("default");
      secret = fields.boolean("secret", false);
      (void)fields.string("note");
      fields.finish();
    }
    static constexpr std::pair<std::string_view, expr::Kind> kTypes[] = {
        {"string", expr::Kind::string}, {"int", expr::Kind::integer}, {"double", expr::Kind::real}, {"bool", expr::Kind::boolean}};
    const auto found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& t) { return t.first == type_name; });
    if (found == std::end(kTypes)) {
      error("V131", place(definition), "the variable `" + key.text() + "` has the unknown type `" + type_name + "`",
            "types are string, int, double, bool");
      continue;
    }
    Value value;
    if (initial != nullptr) {
      switch (found->second) {
        case expr::Kind::integer: if (const auto v = initial->as_int()) value = *v; break;
        case expr::Kind::real: if (const auto v = initial->as_double()) value = *v; break;
        case expr::Kind::boolean: if (const auto v = initial->as_bool()) value = *v; break;
        default: value = initial->text();
      }
      if (value.index() == 0)
        error("V131", place(*initial), "the default of `" + key.text() + "` is no " + type_name, "give a value of that type");
    }
    const Index declared = declare(scope, key.text(), type_of(found->second), std::move(value), place(key), false);
    if (declared != kNone) program_->variables[declared].secret = secret;
  }
}

void Loader::collect_nodes(const Node& nodes, Index scope, std::vector<Raw>& raws) {
  if (!nodes.is_mapping()) {
    error("V100", place(nodes), "`nodes` is no mapping", "write each node as `id: {type: ...}`");
    return;
  }
  const std::string prefix = scope == 0 ? "" : program_->scopes[scope].name + "/";
  static constexpr std::string_view kReserved[] = {"hangup", "back", "main", "repeat", "agent", "return", "off"};
  for (const auto& [key, definition] : nodes.entries()) {
    if (key.text().starts_with("x-")) continue;
    if (key.text().empty() || std::find(std::begin(kReserved), std::end(kReserved), key.text()) != std::end(kReserved))
      error("V102", place(key), "a node cannot be called `" + key.text() + "`: the word has a meaning of its own",
            "choose another id");
    FlowNode node;
    node.id = prefix + key.text();
    node.place = place(key);
    node.scope = scope;
    const auto index = static_cast<Index>(program_->nodes.size());
    by_id_[node.id] = index;
    program_->nodes.push_back(std::move(node));
    raws.push_back({&definition, index});
  }
}

void Loader::subflows(const Node* node, std::vector<Raw>& raws) {
  if (node == nullptr) return;
  for (const auto& [key, given] : node->entries()) {
    const Node* definition = &given;
    const std::string outer = current_file_;
    if (given.is_scalar()) {
      auto read_document = document(given.text());
      if (!read_document) {
        error("V100", place(given), read_document.error().message(), read_document.error().remedy());
        continue;
      }
      definition = *read_document;
      current_file_ = shown(given.text());
    }
    Fields fields(*definition, diagnostics_, "sub-flow `" + key.text() + "`");
    const Index scope = open_scope(key.text(), place(key));
    program_->scopes[scope].start_name = fields.string("start");
    variables(fields.get("variables"), scope);
    program_->scopes[scope].parameters = fields.strings("parameters");
    program_->scopes[scope].returns = fields.strings("returns");
    program_->scopes[scope].exits = fields.strings("exits");
    if (definition->find("flow") != nullptr) (void)fields.integer("flow", 1, 1, 1);
    if (const Node* nodes = fields.required("nodes")) collect_nodes(*nodes, scope, raws);
    fields.finish();
    current_file_ = outer;
  }
}

void Loader::calendars(const Node* node) {
  if (node == nullptr) return;
  for (const auto& [key, given] : node->entries()) {
    std::string text, file = file_;
    if (given.is_scalar()) {
      auto content = read(given.text());
      if (!content) {
        error("V126", place(given), content.error().message(), "check the calendar's path");
        continue;
      }
      text = *std::move(content);
      file = shown(given.text());
    } else {
      Node named = given;
      if (named.is_mapping() && named.find("calendar") == nullptr) named.insert(Node::scalar("calendar", true), Node::scalar(key.text(), true));
      text = named.to_json();
    }
    Diagnostics inner(file);
    auto spec = workflow::CalendarSpec::parse(text, file, inner);
    auto calendar = spec ? workflow::Calendar::compile(*spec) : Result<workflow::Calendar>(spec.error());
    if (!calendar) {
      const Error& problem = calendar.error();
      error("V126", given.is_scalar() && problem.place().line != 0 ? problem.place() : place(given),
            "the calendar `" + key.text() + "` cannot be used: " + problem.message(), problem.remedy());
      continue;
    }
    program_->calendars.push_back({key.text(), std::make_shared<const Hours>(*std::move(calendar)), place(key)});
  }
}

void Loader::profiles(const Node* node) {
  program_->profiles.push_back({"easy"});
  if (node == nullptr) return;
  for (const auto& [key, definition] : node->entries()) {
    Fields fields(definition, diagnostics_, "profile `" + key.text() + "`");
    Profile profile{key.text()};
    profile.timeouts_percent = static_cast<int>(fields.integer("timeouts_percent", 200, 50, 1000));
    profile.rate_percent = static_cast<int>(fields.integer("rate_percent", 80, 30, 200));
    profile.more_attempts = static_cast<int>(fields.integer("more_attempts", 1, 0, 10));
    profile.repeat_choices = fields.boolean("repeat_choices", true);
    profile.agent_key = fields.boolean("agent_key", true);
    fields.finish();
    if (profile.name == "easy") program_->profiles[0] = profile;
    else program_->profiles.push_back(profile);
  }
}

void Loader::bindings() {
  if (options_.bindings.empty()) return;
  auto loaded = document(options_.bindings);
  if (!loaded) {
    error("V127", Place{shown(options_.bindings)}, loaded.error().message(), loaded.error().remedy());
    return;
  }
  Bindings& b = program_->bindings;
  b.given = true;
  b.file = options_.bindings;
  for (const auto& [kind, names] : (*loaded)->entries()) {
    if (kind.text() == "own_numbers") {
      for (const Node& number : names.items()) b.own_numbers.push_back(number.text());
      continue;
    }
    auto& list = b.kinds.emplace_back(kind.text(), std::vector<std::pair<std::string, std::string>>{}).second;
    for (const Node& name : names.items()) list.emplace_back(name.text(), name.text());
    for (const auto& [name, id] : names.entries()) list.emplace_back(name.text(), id.is_scalar() ? id.text() : id.to_json());
  }
}

void Loader::allowances(const Node* node) {
  if (node == nullptr) return;
  for (const auto& [key, reason] : node->entries()) {
    if (reason.text().size() < 4) {
      warning("V171", place(key), "`allow` needs a reason for `" + key.text() + "`", "say why it may stay");
      continue;
    }
    program_->allowed.emplace_back(key.text(), reason.text());
  }
}

// FNV-1a over what decides how calls run.
std::string Loader::fingerprint(const Node& root) const {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  const auto mix = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    hash = (hash ^ 0xff) * 0x100000001b3ull;
  };
  const auto walk = [&](auto&& self, const Node& node) -> void {
    if (node.is_scalar()) mix(node.text());
    for (const Node& item : node.items()) self(self, item);
    std::vector<const Node::Entry*> entries;
    for (const auto& entry : node.entries())
      if (!entry.key.text().starts_with("x-") && entry.key.text() != "note" && entry.key.text() != "revised" &&
          entry.key.text() != "allow")
        entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](auto a, auto b) { return a->key.text() < b->key.text(); });
    for (const auto* entry : entries) {
      mix(entry->key.text());
      self(self, entry->value);
    }
    mix("/");
  };
  walk(walk, root);
  for (const Node& node : documents_) walk(walk, node);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(16, '0');
  for (int i = 0; i < 16; ++i) text[static_cast<std::size_t>(i)] = kHex[hash >> (60 - 4 * i) & 15];
  return text;
}

}  // namespace hotline::ivr
