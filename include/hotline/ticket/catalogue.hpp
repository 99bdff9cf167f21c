// The catalogue of responsibility: which unit answers for a category in an area, with a catch-all (兜底), and the tree of
// units (province, city, county, township). Data with a version and the day from which it holds; a ticket is dispatched by
// the version in force at that moment.
//
//   version: 3
//   from: 2026-01-01T00:00:00+08:00
//   units:
//     - {id: city, name: {zh: 市政府, en: City}, level: city}
//     - {id: water, name: {zh: 水务集团, en: Water works}, parent: city}
//   rules:                                    # the longest category wins, then the longest area
//     - {category: water, lead: water}
//     - {category: noise.building, area: "370202", lead: housing, assist: [police]}
//   catch_all:
//     - {area: "370202", lead: shinan}
//     - {lead: city}
//
// Codes: T101 unknown unit, T102 unit twice, T103 units in a circle, T104 two rules for the same, T105 no catch-all for everywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/diagnostic.hpp"
#include "hotline/base/document.hpp"
#include "hotline/base/time.hpp"

namespace hotline::ticket {

struct Unit {
  std::string id;
  std::string name_zh, name_en;
  std::string parent;  // "" at the top
  std::string level;   // province, city, county, township ...; may be empty
  std::string path;    // "/city/water/": ids from the top, made by parse
  std::string leader;  // who is told of emergencies; may be empty
};

struct Responsibility {
  std::string category;  // "" of a catch-all; "noise.building" lies below "noise"
  std::string area;      // digits from the left; "" is everywhere
  std::string lead;
  std::vector<std::string> assist;
  bool catch_all = false;
};

// Immutable; copies share.
class Catalogue {
 public:
  // Errors: invalid_document, invalid_definition.
  static Result<Catalogue> parse(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  static Result<Catalogue> load(const std::string& path);

  std::int64_t version() const;
  Time from() const;
  std::span<const Unit> units() const;
  const Unit* unit(std::string_view id) const;
  std::span<const Responsibility> rules() const;

  // Who answers. There always is somebody.
  const Responsibility& match(std::string_view category, std::string_view area) const;
  // Whether `unit` or a unit above it is named for this, in the lead or assisting, by any rule or catch-all that covers it.
  bool competent(std::string_view unit, std::string_view category, std::string_view area) const;
  // `unit` is `above` or lies below it.
  bool within(std::string_view unit, std::string_view above) const;
  const std::string& to_json() const;

  struct Data;  // lib/ticket

 private:
  explicit Catalogue(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

}  // namespace hotline::ticket
