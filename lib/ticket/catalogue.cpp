#include "hotline/ticket/catalogue.hpp"

#include <algorithm>
#include <map>

namespace hotline::ticket {

struct Catalogue::Data {
  std::int64_t version = 0;
  Time from{};
  std::vector<Unit> units;
  std::map<std::string, std::size_t, std::less<>> by_id;
  std::vector<Responsibility> rules;  // most specific first
  std::string json;

  const Unit* unit(std::string_view id) const {
    const auto found = by_id.find(id);
    return found == by_id.end() ? nullptr : &units[found->second];
  }
};

namespace {

bool covers(std::string_view category, std::string_view asked) {
  return asked.starts_with(category) && (category.empty() || asked.size() == category.size() || asked[category.size()] == '.');
}

class Reader {
 public:
  Reader(Catalogue::Data& data, Diagnostics& diagnostics) : data_(data), d_(diagnostics) {}

  void read(const Node& root) {
    Fields fields(root, d_, "the catalogue");
    data_.version = fields.integer("version", 1, 1, INT64_MAX);
    const Node* from = fields.get("from");
    if (from != nullptr) {
      const auto time = parse_time(from->text());
      if (time.ok()) data_.from = *time;
      else fields.complain(*from, "D003", time.error().message(), time.error().remedy());
    }
    if (const Node* units = fields.required("units")) {
      for (const Node& node : units->items()) read_unit(node);
    }
    make_paths();
    if (const Node* rules = fields.get("rules")) {
      for (const Node& node : rules->items()) read_rule(node, false);
    }
    if (const Node* rules = fields.required("catch_all")) {
      for (const Node& node : rules->items()) read_rule(node, true);
    }
    fields.finish();
    finish(root);
  }

 private:
  void read_unit(const Node& node) {
    Fields fields(node, d_, "unit");
    Unit unit;
    unit.id = fields.required_string("id");
    if (const Node* name = fields.get("name")) {
      if (name->is_mapping()) {
        Fields both(*name, d_, "name");
        unit.name_zh = both.string("zh");
        unit.name_en = both.string("en");
        both.finish();
      } else {
        unit.name_zh = unit.name_en = name->text();
      }
    }
    unit.parent = fields.string("parent");
    unit.level = fields.string("level");
    unit.leader = fields.string("leader");
    fields.finish();
    if (unit.id.find_first_of("/%_") != unit.id.npos)
      d_.error("D005", "unit `" + unit.id + "` has one of / % _ in its id", "use letters, digits and -", node.place(d_.file()), unit.id);
    if (!data_.by_id.emplace(unit.id, data_.units.size()).second)
      d_.error("T102", "unit `" + unit.id + "` stands twice", "give each unit one line", node.place(d_.file()), unit.id);
    else
      data_.units.push_back(std::move(unit));
    places_.push_back(node.place(d_.file()));
  }

  void make_paths() {
    for (std::size_t i = 0; i < data_.units.size(); ++i) {
      Unit& unit = data_.units[i];
      std::string path = "/" + unit.id + "/";
      const Unit* above = &unit;
      for (std::size_t hops = 0; !above->parent.empty(); ++hops) {
        const Unit* next = data_.unit(above->parent);
        if (next == nullptr || hops > data_.units.size()) {
          if (next == nullptr) unknown(above->parent, places_[i]);
          else d_.error("T103", "unit `" + unit.id + "` lies below itself", "break the circle of `parent`", places_[i], unit.id);
          break;
        }
        above = next;
        path = "/" + above->id + path;
      }
      unit.path = std::move(path);
    }
  }

  void read_rule(const Node& node, bool catch_all) {
    Fields fields(node, d_, catch_all ? "catch-all" : "rule");
    Responsibility rule;
    rule.catch_all = catch_all;
    if (!catch_all) rule.category = fields.required_string("category");
    rule.area = fields.string("area");
    rule.lead = fields.required_string("lead");
    rule.assist = fields.strings("assist");
    fields.finish();
    const Place place = node.place(d_.file());
    if (data_.unit(rule.lead) == nullptr) unknown(rule.lead, place);
    for (const auto& id : rule.assist)
      if (data_.unit(id) == nullptr) unknown(id, place);
    for (const auto& other : data_.rules)
      if (other.category == rule.category && other.area == rule.area && other.catch_all == catch_all)
        d_.error("T104", "two rules for category `" + rule.category + "` in area `" + rule.area + "`", "keep one of them", place);
    data_.rules.push_back(std::move(rule));
  }

  void finish(const Node& root) {
    const auto everywhere = std::find_if(data_.rules.begin(), data_.rules.end(), [](const auto& r) { return r.catch_all && r.area.empty(); });
    if (everywhere == data_.rules.end())
      d_.error("T105", "no catch-all for everywhere", "end `catch_all` with a line that has a `lead` and no `area`", root.place(d_.file()));
    std::stable_sort(data_.rules.begin(), data_.rules.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.catch_all, -static_cast<long>(a.category.size()), -static_cast<long>(a.area.size())) <
             std::tuple(b.catch_all, -static_cast<long>(b.category.size()), -static_cast<long>(b.area.size()));
    });
    data_.json = root.to_json();
  }

  void unknown(const std::string& id, const Place& place) {
    std::vector<std::string> ids;
    for (const auto& u : data_.units) ids.push_back(u.id);
    const auto near = nearest(id, ids);
    d_.error("T101", "there is no unit `" + id + "`", near.empty() ? "add it below `units`" : "did you mean `" + std::string(near) + "`?", place, id);
  }

  Catalogue::Data& data_;
  Diagnostics& d_;
  std::vector<Place> places_;
};

}  // namespace

Result<Catalogue> Catalogue::parse(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  HOTLINE_ASSIGN(const Node root, parse_document(text, file));
  auto data = std::make_shared<Data>();
  Reader(*data, diagnostics).read(root);
  HOTLINE_TRY(diagnostics.status());
  return Catalogue(std::move(data));
}

Result<Catalogue> Catalogue::load(const std::string& path) {
  HOTLINE_ASSIGN(const Node root, load_document(path));
  Diagnostics diagnostics(path);
  auto data = std::make_shared<Data>();
  Reader(*data, diagnostics).read(root);
  HOTLINE_TRY(diagnostics.status());
  return Catalogue(std::move(data));
}

std::int64_t Catalogue::version() const { return data_->version; }
Time Catalogue::from() const { return data_->from; }
std::span<const Unit> Catalogue::units() const { return data_->units; }
const Unit* Catalogue::unit(std::string_view id) const { return data_->unit(id); }
std::span<const Responsibility> Catalogue::rules() const { return data_->rules; }
const std::string& Catalogue::to_json() const { return data_->json; }

const Responsibility& Catalogue::match(std::string_view category, std::string_view area) const {
  for (const auto& rule : data_->rules)
    if (covers(rule.category, category) && area.starts_with(rule.area)) return rule;
  return data_->rules.back();
}

bool Catalogue::within(std::string_view id, std::string_view above) const {
  if (id == above) return true;
  const Unit* u = unit(id);
  return u != nullptr && u->path.find("/" + std::string(above) + "/") != u->path.npos;
}

bool Catalogue::competent(std::string_view id, std::string_view category, std::string_view area) const {
  return std::any_of(data_->rules.begin(), data_->rules.end(), [&](const auto& rule) {
    if (!covers(rule.category, category) || !area.starts_with(rule.area)) return false;
    return within(id, rule.lead) || std::any_of(rule.assist.begin(), rule.assist.end(), [&](const auto& a) { return within(id, a); });
  });
}

}  // namespace hotline::ticket
