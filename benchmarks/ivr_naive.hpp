#pragma once

#include <nlohmann/json.hpp>
#include <string>

// What one writes first: look every node and key up in the JSON, by name, and build the answer as JSON.
struct Naive {
  nlohmann::json flow;
  std::string at = "m";
  nlohmann::json actions;
  std::size_t n = 7;
  explicit Naive(const std::string& canonical) : flow(nlohmann::json::parse(canonical)) {}
  void step(char key) {
    actions = nlohmann::json::array();
    const auto& nodes = flow["nodes"];
    if (nodes[at]["type"] == "menu") {
      const auto& choices = nodes[at]["choices"];
      const std::string typed(1, key);
      at = choices.contains(typed) ? choices[typed].get<std::string>() : nodes[at]["exhausted"].get<std::string>();
      actions.push_back({{"type", "stop"}});
    } else {
      at = nodes[at]["next"].get<std::string>();
    }
    while (nodes[at]["type"] == "set") {
      n = (n * 31 + 1) % 100000;
      at = nodes[at]["next"].get<std::string>();
    }
    std::string text = nodes[at]["prompt"]["text"].get<std::string>();
    if (const auto brace = text.find('{'); brace != text.npos) text = text.substr(0, brace) + std::to_string(n);
    actions.push_back({{"type", "play"}, {"node", at}, {"text", text}});
  }
};
