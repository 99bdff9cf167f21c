#include "hotline/expr/type.hpp"

#include <array>
#include <optional>

namespace hotline::expr {

struct Type::Parameters {
  Type item = Type::any();
  Type key = Type::any();
  std::string name;
};

namespace {

struct Name {
  Kind kind;
  std::string_view text;
};
constexpr std::array<Name, 14> kNames{{{Kind::any, "dyn"},
                                       {Kind::null, "null_type"},
                                       {Kind::boolean, "bool"},
                                       {Kind::integer, "int"},
                                       {Kind::natural, "uint"},
                                       {Kind::real, "double"},
                                       {Kind::string, "string"},
                                       {Kind::bytes, "bytes"},
                                       {Kind::timestamp, "timestamp"},
                                       {Kind::duration, "duration"},
                                       {Kind::list, "list"},
                                       {Kind::map, "map"},
                                       {Kind::type, "type"},
                                       {Kind::missing, "missing"}}};
constexpr int kMaxNesting = 16;

class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : rest_(text) {}

  bool read(Type& type, int depth = 0) {
    if (depth > kMaxNesting) return false;
    blanks();
    std::size_t length = 0;
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    while (length < rest_.size() &&
           (letter(rest_[length]) || (length > 0 && ((rest_[length] >= '0' && rest_[length] <= '9') || rest_[length] == '.'))))
      ++length;
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (word.empty()) return false;
    Type first = Type::any();
    Type second = Type::any();
    if (word == "list") {
      if (take('(') && !(read(first, depth + 1) && take(')'))) return false;
      type = Type::list(first);
    } else if (word == "map") {
      if (take('(') && !(read(first, depth + 1) && take(',') && read(second, depth + 1) && take(')'))) return false;
      type = Type::map(first, second);
    } else {
      const std::optional<Type> simple = plain(word);
      if (!simple) return false;
      type = *simple;
    }
    blanks();
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  static std::optional<Type> plain(std::string_view word) {
    if (word == "dyn" || word == "any") return Type::any();
    if (word == "null_type" || word == "null") return Type::null();
    if (word == "bool") return Type::boolean();
    if (word == "int") return Type::integer();
    if (word == "uint") return Type::natural();
    if (word == "double") return Type::real();
    if (word == "string") return Type::string();
    if (word == "bytes") return Type::bytes();
    if (word == "timestamp" || word == "google.protobuf.Timestamp") return Type::timestamp();
    if (word == "duration" || word == "google.protobuf.Duration") return Type::duration();
    if (word == "type") return Type::type();
    return std::nullopt;
  }
  void blanks() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool take(char c) {
    blanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view rest_;
};

}  // namespace

std::string_view kind_name(Kind kind) {
  for (const Name& name : kNames)
    if (name.kind == kind) return name.text;
  return kind == Kind::object ? "object" : "unknown";
}

Type Type::list(Type item) {
  Type type(Kind::list);
  type.parameters_ = std::make_shared<Parameters>(Parameters{std::move(item), any(), {}});
  return type;
}

Type Type::map(Type key, Type value) {
  Type type(Kind::map);
  type.parameters_ = std::make_shared<Parameters>(Parameters{std::move(value), std::move(key), {}});
  return type;
}

Type Type::object(std::string name) {
  Type type(Kind::object);
  type.parameters_ = std::make_shared<Parameters>(Parameters{any(), any(), std::move(name)});
  return type;
}

Result<Type> Type::parse(std::string_view text) {
  TypeReader reader(text);
  Type type = any();
  if (reader.read(type) && reader.at_end()) return type;
  return Error(ErrorCode::invalid_argument, "`" + std::string(text) + "` is not a type",
               "write bool, int, uint, double, string, bytes, timestamp, duration, dyn, list(T) or map(K, V)");
}

const Type& Type::item() const {
  static const Type any_type = any();
  return parameters_ ? parameters_->item : any_type;
}

const Type& Type::key() const {
  static const Type any_type = any();
  return parameters_ ? parameters_->key : any_type;
}

std::string_view Type::object_name() const {
  return parameters_ ? std::string_view(parameters_->name) : std::string_view();
}

bool Type::operator==(const Type& other) const {
  if (kind_ != other.kind_) return false;
  if (parameters_ == other.parameters_) return true;
  return item() == other.item() && key() == other.key() && object_name() == other.object_name();
}

std::string to_string(const Type& type) {
  switch (type.kind()) {
    case Kind::list: return "list(" + to_string(type.item()) + ")";
    case Kind::map: return "map(" + to_string(type.key()) + ", " + to_string(type.mapped()) + ")";
    case Kind::object: return std::string(type.object_name());
    default: return std::string(kind_name(type.kind()));
  }
}

}  // namespace hotline::expr
