// What a paper says, before it has a form: HTML for screens and PDF for the post are made from the same.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "hotline/base/result.hpp"

namespace hotline::ticket {

struct Paper {
  std::string language, heading, number;
  std::string salutation, opening;                          // of a letter; "" otherwise
  std::vector<std::pair<std::string, std::string>> rows;    // label, value
  std::string history_label;                                // "" without a history
  std::vector<std::array<std::string, 4>> events;           // when, what, who, state
  std::string closing, office, date;                        // of a letter
  std::string created;                                      // ISO 8601, of the file
};

// On A4 pages, numbered. Errors: io.
Result<std::string> to_pdf(const Paper& paper);

}  // namespace hotline::ticket
