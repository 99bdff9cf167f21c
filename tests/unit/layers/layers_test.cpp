// Includes run downwards: a box uses itself and the boxes that its line in lib/CMakeLists.txt names, which stand
// above that line. Public headers show the standard library and hotline only; private headers stay in their box.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
const fs::path kRoot = HOTLINE_SOURCE_DIR;

using Boxes = std::map<std::string, std::set<std::string>>;  // box: what it may use

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// hotline_box(name BOXES a b LIBRARIES c): in order, each box after those it uses.
Boxes declared(const std::string& cmake, std::vector<std::string>& problems) {
  Boxes boxes;
  const std::regex line(R"(hotline_box\(([^)]*)\))");
  for (std::sregex_iterator at(cmake.begin(), cmake.end(), line), end; at != end; ++at) {
    std::istringstream words((*at)[1].str());
    std::string name;
    std::string word;
    words >> name;
    std::set<std::string> uses;
    bool in_boxes = false;
    while (words >> word) {
      if (word == "BOXES" || word == "LIBRARIES") in_boxes = word == "BOXES";
      else if (in_boxes) uses.insert(word);
    }
    for (const std::string& used : uses)
      if (!boxes.contains(used)) problems.push_back(name + " uses " + used + ", which is not declared above it");
    boxes[name] = uses;
  }
  return boxes;
}

enum class Face { header, source };

// What is wrong with the includes of one file of a box.
std::vector<std::string> violations(const Boxes& boxes, const std::string& box, Face face, const std::string& text) {
  std::vector<std::string> problems;
  const std::regex include(R"re((?:^|\n)[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">])re");
  for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at) {
    const bool quoted = (*at)[1] == "\"";
    const std::string path = (*at)[2];
    const std::string first = path.substr(0, path.find_first_of("/."));
    if (!quoted) {
      const bool standard = path.find('/') == std::string::npos && path.find('.') == std::string::npos;
      if (face == Face::header && !standard) problems.push_back("<" + path + "> of another library in a public header");
      if (first == "hotline") problems.push_back("<" + path + ">: write \"" + path + "\"");
    } else if (first == "hotline" && path.find('/') != std::string::npos) {
      const std::string rest = path.substr(8);
      const std::string used = rest.substr(0, rest.find_first_of("/."));
      if (used != box && !boxes.at(box).contains(used)) problems.push_back(path + ": " + box + " may not use " + used);
    } else if (face == Face::header) {
      problems.push_back(path + " is private, but included by a public header");
    } else if (path.find('/') != std::string::npos && first != box) {
      problems.push_back(path + " is private to " + first);
    }
  }
  return problems;
}

bool is_source(const fs::path& path) { return path.extension() == ".hpp" || path.extension() == ".cpp" || path.extension() == ".h"; }

TEST(Layers, IncludesRunDownwards) {
  std::vector<std::string> problems;
  const Boxes boxes = declared(read(kRoot / "lib/CMakeLists.txt"), problems);
  ASSERT_GT(boxes.size(), 10u);
  std::size_t files = 0;
  const auto look = [&](const std::string& box, Face face, const fs::path& path) {
    ++files;
    for (const std::string& problem : violations(boxes, box, face, read(path)))
      problems.push_back(fs::relative(path, kRoot).string() + ": " + problem);
  };
  for (const auto& [top, face] : {std::pair{"include/hotline", Face::header}, std::pair{"lib", Face::source}}) {
    for (const auto& entry : fs::directory_iterator(kRoot / top)) {
      const std::string box = entry.path().stem().string();
      if (!entry.is_directory() && !is_source(entry.path())) continue;
      if (!boxes.contains(box)) {
        problems.push_back(fs::relative(entry.path(), kRoot).string() + " belongs to no box of lib/CMakeLists.txt");
      } else if (entry.is_directory()) {
        for (const auto& file : fs::recursive_directory_iterator(entry.path()))
          if (file.is_regular_file() && is_source(file.path())) look(box, face, file.path());
      } else {
        look(box, face, entry.path());
      }
    }
  }
  EXPECT_GT(files, 100u);
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
}

// The two faces stand on public headers alone.
TEST(Layers, FacesUsePublicHeadersOnly) {
  for (const char* face : {"capi/src", "bindings/python/src"}) {
    for (const auto& file : fs::recursive_directory_iterator(kRoot / face)) {
      if (!is_source(file.path())) continue;
      const std::string text = read(file.path());
      const std::regex include(R"re((?:^|\n)[ \t]*#[ \t]*include[ \t]*"([^"]+)")re");
      for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at) {
        const std::string path = (*at)[1];
        const bool beside = path.find('/') == std::string::npos || fs::exists(file.path().parent_path() / path);
        const bool open = path.starts_with("hotline/") &&
                          (fs::exists(kRoot / "include" / path) || fs::exists(kRoot / "capi/include" / path));
        EXPECT_TRUE(beside || open) << fs::relative(file.path(), kRoot) << " includes " << path;
      }
    }
  }
}

TEST(Layers, TheCheckSeesWhatItShould) {
  std::vector<std::string> problems;
  const Boxes boxes = declared("hotline_box(base)\nhotline_box(acd BOXES base LIBRARIES x::y)\nhotline_box(ivr BOXES base text)\n", problems);
  EXPECT_EQ(problems, std::vector<std::string>{"ivr uses text, which is not declared above it"});
  const auto count = [&](Face face, const char* text) { return violations(boxes, "acd", face, text).size(); };
  EXPECT_EQ(count(Face::header, "#include <vector>\n#include \"hotline/base/time.hpp\"\n#include \"hotline/acd/queue.hpp\"\n"), 0u);
  EXPECT_EQ(count(Face::source, "#include <sqlite3.h>\n#include \"acd/index.hpp\"\n#include \"near.hpp\"\n"), 0u);
  EXPECT_EQ(count(Face::source, "#include \"hotline/ivr/flow.hpp\"\n"), 1u);
  EXPECT_EQ(count(Face::source, "#include \"hotline/ivr.hpp\"\n"), 1u);
  EXPECT_EQ(count(Face::source, "#include \"ivr/runner.hpp\"\n"), 1u);
  EXPECT_EQ(count(Face::header, "#include <sqlite3.h>\n"), 1u);
  EXPECT_EQ(count(Face::header, "#include <nlohmann/json.hpp>\n"), 1u);
  EXPECT_EQ(count(Face::header, "  #  include \"acd/index.hpp\"\n"), 1u);
}

}  // namespace
