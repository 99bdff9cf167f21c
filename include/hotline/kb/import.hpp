// Articles from files, and back: JSON lines, CSV, Markdown with a head of fields, HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/diagnostic.hpp"
#include "hotline/kb/article.hpp"
#include "hotline/kb/knowledge_base.hpp"

namespace hotline::kb {

enum class Format : std::uint8_t { json_lines, csv, markdown, html };
// By the file's ending: .jsonl .json .csv .md .markdown .html .htm. Errors: unsupported.
Result<Format> format_of(std::string_view path);

// What was read. `report` names what was refused (error), and what was left out or guessed (warning), with its place:
//   K101 a record cannot be read    K102 no title    K103 unknown field, left out    K104 an id twice
//   K105 no id, one was made from the title          K106 a field is wrong
struct Imported {
  std::vector<Article> articles;
  Diagnostics report;
  std::size_t records = 0;  // that were in the text
};

struct ImportOptions {
  std::string library = "qa";  // where a record names none
  Kind kind = Kind::qa;
};

// JSON lines: an object a line, with the names of to_json (and `type`, `dept`, `similar_questions` for kind, department,
// questions). CSV (RFC 4180): the first row names the fields; lists are separated by '|'. Markdown: a head between
// "---" lines in YAML, then "# title" and the body; several articles in a file are separated by their heads. HTML: the
// text of <title> (or the first <h1>) and of <body>, and <meta name="..." content="..."> for the fields.
// A record that is wrong is left out and reported; the others are read. Errors: invalid_encoding.
Result<Imported> read_articles(std::string_view text, Format format, std::string_view file, const ImportOptions& options = {});
// A file, or every file of a folder in the order of names. Errors: io, unsupported.
Result<Imported> load_articles(const std::string& path, const ImportOptions& options = {});

// Revisions as KnowledgeBase::each_revision gives them, an object a line, and back (for KnowledgeBase::restore).
// Errors: invalid_document with the line.
std::string write_history(const std::vector<Revision>& revisions);
Result<std::vector<Revision>> read_history(std::string_view text, std::string_view file);

// What was read from it is what was written, in every format. Errors: unsupported (html).
Result<std::string> write_articles(const std::vector<Article>& articles, Format format);

}  // namespace hotline::kb
