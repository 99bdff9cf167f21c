// One structure, written as JSON or as XML: an outer list of items (or one outer object), texts, numbers and lists in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/json.hpp"
#include "hotline/base/xml.hpp"

namespace hotline::ticket {

class ReportWriter {
 public:
  // A list `outer` of items, or with no item one object `outer`.
  ReportWriter(bool json, std::string outer, std::string item = {}) : is_json_(json), outer_(std::move(outer)) {
    if (!is_json_) out_ = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<" + outer_ + ">";
    list_ = !item.empty();
    items_.push_back(std::move(item));
    if (is_json_) list_ ? json_.begin_array() : json_.begin_object();
  }
  ReportWriter& begin() {
    if (is_json_) json_.begin_object();
    else out_ += "<" + items_.back() + ">";
    return *this;
  }
  ReportWriter& end() {
    if (is_json_) json_.end_object();
    else out_ += "</" + items_.back() + ">";
    return *this;
  }
  ReportWriter& text(std::string_view name, std::string_view value) {
    if (is_json_) json_.field(name, value);
    else element(name, value);
    return *this;
  }
  ReportWriter& number(std::string_view name, std::int64_t value) {
    if (is_json_) json_.field(name, value);
    else element(name, std::to_string(value));
    return *this;
  }
  ReportWriter& boolean(std::string_view name, bool value) {
    if (is_json_) json_.field(name, value);
    else element(name, value ? "true" : "false");
    return *this;
  }
  // A number as it was written, or null.
  ReportWriter& coordinate(std::string_view name, std::string_view value) {
    if (!is_json_) return text(name, value);
    json_.key(name);
    value.empty() ? json_.null() : json_.raw(value);
    return *this;
  }
  ReportWriter& begin_list(std::string_view name, std::string item) {
    names_.emplace_back(name);
    items_.push_back(std::move(item));
    if (is_json_) json_.key(name).begin_array();
    else out_ += "<" + names_.back() + ">";
    return *this;
  }
  ReportWriter& end_list() {
    if (is_json_) json_.end_array();
    else out_ += "</" + names_.back() + ">";
    names_.pop_back();
    items_.pop_back();
    return *this;
  }
  std::string take() {
    if (is_json_) list_ ? json_.end_array() : json_.end_object();
    else out_ += "</" + outer_ + ">\n";
    return std::move(out_);
  }

 private:
  void element(std::string_view name, std::string_view value) {
    out_.append("<").append(name).append(">");
    append_xml(out_, value);
    out_.append("</").append(name).append(">");
  }
  bool is_json_, list_ = false;
  std::string outer_, out_;
  JsonWriter json_{out_};
  std::vector<std::string> items_, names_;
};

}  // namespace hotline::ticket
