// Values from and to JSON and definitions.
#include <cmath>

#include "expr/convert.hpp"
#include "hotline/expr/value.hpp"

namespace hotline::expr {
namespace {

std::string key_text(const Value& key) {
  if (key.kind() == Kind::string) return std::string(key.as_string());
  if (key.kind() == Kind::natural) return std::to_string(key.as_uint());
  return to_string(key);
}

Error mismatch(const Node& node, const Type& type) {
  std::string shown = node.to_json();
  if (shown.size() > 40) shown = "this value";
  else shown = "`" + shown + "`";
  return Error(ErrorCode::invalid_argument, shown + " is no " + to_string(type), "give a value of that type",
               node.place({}));
}

Value guess(const Node& node) {
  if (node.quoted()) return Value::text(node.text());
  if (const auto b = node.as_bool()) return *b;
  if (const auto i = node.as_int()) return *i;
  if (const auto d = node.as_double()) return *d;
  return Value::text(node.text());
}

template <class T>
Result<Value> need(const std::optional<T>& value, const Node& node, const Type& type) {
  if (value) return Value(*value);
  return mismatch(node, type);
}

Result<Value> scalar(const Node& node, const Type& type) {
  switch (type.kind()) {
    case Kind::any: return guess(node);
    case Kind::boolean: return node.quoted() ? mismatch(node, type) : need(node.as_bool(), node, type);
    case Kind::integer: return node.quoted() ? mismatch(node, type) : need(integer_from_string(node.text()), node, type);
    case Kind::natural: return node.quoted() ? mismatch(node, type) : need(natural_from_string(node.text()), node, type);
    case Kind::real: return need(node.quoted() ? real_from_string(node.text()) : node.as_double(), node, type);
    case Kind::string: {
      // A plain 12 or true in JSON is not a text; in a definition it is what its author typed.
      return Value::text(node.text());
    }
    case Kind::bytes: {
      const auto bytes = from_base64(node.text());
      if (!bytes) return mismatch(node, type);
      return Value::own_bytes(*bytes);
    }
    case Kind::timestamp: {
      const auto time = parse_time(node.text());
      if (!time.ok()) return mismatch(node, type);
      return Value(*time);
    }
    case Kind::duration: return need(duration_from_string(node.text()), node, type);
    default: return mismatch(node, type);
  }
}

Result<Value> key_of(const Node& key, const Type& type) {
  switch (type.kind()) {
    case Kind::integer: return need(integer_from_string(key.text()), key, type);
    case Kind::natural: return need(natural_from_string(key.text()), key, type);
    case Kind::boolean: return need(bool_from_string(key.text()), key, type);
    default: return Value::text(key.text());
  }
}

}  // namespace

Result<Value> Value::from(const Node& node, const Type& type) {
  switch (node.kind()) {
    case Node::Kind::null: return type.is_any() || type.kind() == Kind::null ? null() : missing();
    case Node::Kind::scalar: return scalar(node, type);
    case Node::Kind::sequence: {
      if (!type.is_any() && type.kind() != Kind::list) return mismatch(node, type);
      std::vector<Value> items;
      items.reserve(node.items().size());
      for (const Node& item : node.items()) {
        HOTLINE_ASSIGN(Value value, from(item, type.item()));
        items.push_back(std::move(value));
      }
      return own_list(std::move(items));
    }
    case Node::Kind::mapping: {
      if (!type.is_any() && type.kind() != Kind::map) return mismatch(node, type);
      std::vector<Entry> entries;
      entries.reserve(node.entries().size());
      for (const Node::Entry& entry : node.entries()) {
        HOTLINE_ASSIGN(Value key, key_of(entry.key, type.key()));
        HOTLINE_ASSIGN(Value value, from(entry.value, type.mapped()));
        entries.push_back({std::move(key), std::move(value)});
      }
      return map(std::move(entries));
    }
  }
  return missing();
}

Result<Value> Value::from_json(std::string_view json, const Type& type) {
  HOTLINE_ASSIGN(const Node node, parse_document(json, "value"));
  return from(node, type);
}

void Value::write_json(JsonWriter& json) const {
  switch (kind_) {
    case Kind::boolean: json.value(as_bool()); break;
    case Kind::integer: json.value(as_int()); break;
    case Kind::natural: json.value(as_uint()); break;
    case Kind::real: {
      // A double stays one when it is read back.
      const std::string number = real_to_string(as_double());
      if (!std::isfinite(as_double())) json.null();
      else json.raw(number.find_first_of(".e") == number.npos ? number + ".0" : number);
      break;
    }
    case Kind::string: json.value(as_string()); break;
    case Kind::bytes: json.value(to_base64(as_bytes())); break;
    case Kind::timestamp: json.value(hotline::to_string(as_time())); break;
    case Kind::duration: json.value(duration_to_string(as_duration())); break;
    case Kind::type: json.value(kind_name(as_type())); break;
    case Kind::list:
      json.begin_array();
      for (const Value& item : items()) item.write_json(json);
      json.end_array();
      break;
    case Kind::map:
      json.begin_object();
      for (const Entry& entry : entries()) {
        json.key(key_text(entry.key));
        entry.value.write_json(json);
      }
      json.end_object();
      break;
    default: json.null();
  }
}

std::string Value::to_json() const {
  std::string out;
  JsonWriter json(out);
  write_json(json);
  return out;
}

}  // namespace hotline::expr
