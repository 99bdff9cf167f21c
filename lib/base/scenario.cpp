#include "hotline/base/scenario.hpp"

#include <algorithm>

namespace hotline {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find_first_of(" \t"), text.size());
  const auto word = text.substr(0, end);
  text = trim(text.substr(end));
  return word;
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view text, std::string_view file) {
  Scenario scenario;
  Duration latest{0};
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto refuse = [&](std::string message, std::string remedy) {
      return Error(ErrorCode::invalid_document, std::move(message), std::move(remedy),
                   Place{std::string(file), number, 1});
    };
    if (line.empty()) continue;
    if (line.front() == '#') {
      if (scenario.name.empty()) scenario.name = trim(line.substr(1));
      continue;
    }
    const std::string_view first = take_word(line);
    if (first == "given") {
      scenario.given.emplace_back(line);
      continue;
    }
    if (first.front() != '@') return refuse("`" + std::string(first) + "` begins no step", "begin a line with `@time` or `given`");
    ScenarioStep step;
    step.line = number;
    auto at = parse_duration(first.substr(1));
    if (!at) return at.error().at(Place{std::string(file), number, 1});
    step.at = *at;
    if (step.at < latest) return refuse("this step is earlier than the one before", "keep the steps in order of time");
    latest = step.at;
    std::string_view verb = take_word(line);
    if (verb == "=>") {
      step.expected = true;
      verb = take_word(line);
    }
    if (verb.empty()) return refuse("a step without a verb", "write `@1s verb {field: value}`");
    step.verb = verb;
    step.fields = Node::mapping(number, 1);
    if (!line.empty()) {
      // As YAML, so that keys and values need no quotes.
      auto fields = parse_document("fields: " + std::string(line), file);
      if (!fields) return refuse(fields.error().message(), fields.error().remedy());
      const Node* value = fields->find("fields");
      if (value == nullptr || !value->is_mapping())
        return refuse("the fields of a step must stand in braces", "write {contact: c1, agent: a1}");
      step.fields = *value;
    }
    scenario.steps.push_back(std::move(step));
  }
  return scenario;
}

Result<Scenario> load_scenario(const std::string& path) {
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  return parse_scenario(text, path);
}

bool matches(const Node& expected, const Node& event) {
  if (expected.kind() != event.kind()) return false;
  switch (expected.kind()) {
    case Node::Kind::null: return true;
    case Node::Kind::scalar: return expected.text() == event.text();
    case Node::Kind::sequence:
      return std::equal(expected.items().begin(), expected.items().end(), event.items().begin(), event.items().end(),
                        matches);
    case Node::Kind::mapping:
      return std::all_of(expected.entries().begin(), expected.entries().end(), [&](const Node::Entry& entry) {
        const Node* value = event.find(entry.key.text());
        return value != nullptr && matches(entry.value, *value);
      });
  }
  return false;
}

}  // namespace hotline
