#include <cstring>
#include <memory>

#include "bind.hpp"
#include "hotline/acd.hpp"

using namespace hotline;
using namespace hotline::acd;

namespace hotline::python {
namespace {

// A function of the host. What it raises comes out of the command that asked for it.
struct Hook {
  py::function function;
  std::shared_ptr<std::optional<py::error_already_set>> raised;

  std::int64_t ask(const py::list& candidates, Time now) const {
    try {
      const py::object chosen = function(candidates, to_ns(now));
      return chosen.is_none() ? -1 : chosen.cast<std::int64_t>();
    } catch (py::error_already_set& error) {
      if (!*raised) raised->emplace(std::move(error));
    } catch (const py::cast_error&) {
      if (!*raised) {
        PyErr_SetString(PyExc_TypeError, "a chooser returns an index or None");
        raised->emplace();
      }
    }
    return -1;
  }
};

std::int64_t choose_agent(void* context, ContactCandidate, std::span<const AgentCandidate> agents, Time now) {
  const py::gil_scoped_acquire gil;
  py::list list;
  for (const AgentCandidate& a : agents)
    list.append(py::make_tuple(a.agent.value, a.team.value, a.tier, to_ns(a.idle_since), a.answered, a.busy.count()));
  return static_cast<const Hook*>(context)->ask(list, now);
}
std::int64_t choose_contact(void* context, AgentCandidate, std::span<const ContactCandidate> contacts, Time now) {
  const py::gil_scoped_acquire gil;
  py::list list;
  for (const ContactCandidate& c : contacts)
    list.append(py::make_tuple(c.contact.value, c.queue.value, c.tag, c.priority, to_ns(c.since), c.queue_length));
  return static_cast<const Hook*>(context)->ask(list, now);
}

class PyRouter {
 public:
  explicit PyRouter(Definition definition) : router_(unwrap(Router::create(std::move(definition), events_))) {}
  using Choosers = std::vector<std::pair<std::string, py::function>>;  // of queues, of teams, by name
  PyRouter(Definition definition, Log log, const Choosers& agents, const Choosers& contacts)
      : log_(std::move(log)), router_(unwrap(log_->recover(std::move(definition), events_, nullptr, [&](Router& router) {
          for (const auto& [name, function] : agents) router.set_agent_chooser(known(router.definition().find_queue(name), "queue", name), {choose_agent, hook(function)});
          for (const auto& [name, function] : contacts)
            router.set_contact_chooser(name.empty() ? TeamId{} : known(router.definition().find_team(name), "team", name), {choose_contact, hook(function)});
        }))) {
    settle();
  }

  Router& router() { return router_; }
  Events& events() { return events_; }
  // What a chooser raised comes out here.
  void settle() {
    if (!*raised_) return;
    py::error_already_set error = std::move(**raised_);
    raised_->reset();
    throw error;
  }
  void apply(std::string_view verb, std::string_view json, std::int64_t now) {
    const Node fields = unwrap(parse_document(json, "command"));
    if (log_) unwrap(log_->append(verb, json, to_time(now)));
    const Status status = router_.apply(verb, fields, to_time(now));
    settle();
    unwrap(status);
  }
  // An array of Command records; gives one byte (Outcome) and eight bytes (contact) for each.
  py::tuple execute_all(const py::buffer& buffer) {
    const py::buffer_info info = buffer.request();
    const auto bytes = static_cast<std::size_t>(info.size * info.itemsize);
    if (bytes % sizeof(Command) != 0 || (info.ndim > 0 && info.strides[0] != info.itemsize))
      raise(Error(ErrorCode::invalid_argument, "commands are a contiguous array of hotline.acd.COMMAND records", "build it with numpy and that dtype"));
    const std::size_t count = bytes / sizeof(Command);
    std::string outcomes(count, '\0'), contacts(count * 8, '\0');
    {
      const py::gil_scoped_release free;
      for (std::size_t i = 0; i < count; ++i) {
        Command command;
        std::memcpy(static_cast<void*>(&command), static_cast<const char*>(info.ptr) + i * sizeof command, sizeof command);
        if (log_) (void)log_->append(command);
        const Done done = execute(router_, command);
        outcomes[i] = static_cast<char>(done.outcome);
        std::memcpy(contacts.data() + i * 8, &done.contact.value, 8);
      }
    }
    settle();
    return py::make_tuple(py::bytes(outcomes), py::bytes(contacts));
  }
  py::bytes take_bytes() {
    py::bytes bytes(reinterpret_cast<const char*>(events_.data()), events_.size() * sizeof(Event));
    clear();
    return bytes;
  }
  py::list take() {
    py::list list;
    for (const Event& e : events_) {
      std::string line;
      JsonWriter json(line);
      json.begin_object();
      router_.write(e, json);
      json.end_object();
      list.append(py::make_tuple(to_ns(e.at), std::string(to_string(e.type)), std::string(to_string(e.reason)), e.contact.value, e.offer.value, e.tag, e.agent.value,
                                 e.queue.value, e.value, line));
    }
    clear();
    return list;
  }
  void feed() {
    if (figures_)
      for (; fed_ < events_.size(); ++fed_) figures_->add(events_[fed_]);
  }
  void clear() {
    feed();
    events_.clear();
    fed_ = 0;
  }
  void watch(std::int64_t interval, std::int64_t short_abandon) {
    Metrics::Options options;
    if (interval > 0) options.interval = Duration{interval};
    if (short_abandon >= 0) options.short_abandon = Duration{short_abandon};
    figures_.emplace(router_.definition(), options);
    fed_ = 0;
  }
  Figures& figures() {
    if (!figures_) watch(0, -1);
    feed();
    return *figures_;
  }
  std::string ask(std::string_view question, std::string_view json, std::int64_t now) {
    return unwrap(figures().ask(router_, question, unwrap(parse_document(json, "question")), to_time(now)));
  }
  py::list look(std::int64_t now) {
    py::list changed;
    for (const Alarm& a : figures().look(router_, to_time(now)))
      changed.append(py::make_tuple(router_.definition().alarms[a.rule].name, a.raised, a.value));
    return changed;
  }
  std::uint32_t require(std::string_view text) {
    const auto id = unwrap(router_.require(text)).value;
    if (log_) unwrap(log_->append_requirement(text));
    return id;
  }
  void redefine(Definition definition, std::int64_t now) {
    unwrap(log_ ? log_->redefine(router_, std::move(definition), to_time(now)) : router_.redefine(std::move(definition), to_time(now)));
    if (figures_) watch(0, -1);
  }
  Log& log() {
    if (!log_) raise(Error(ErrorCode::wrong_state, "the router has no log", "make it with Router.recover"));
    return *log_;
  }
  void restarted(std::int64_t now) {
    const Command command{.verb = Verb::restarted, .at = now};
    if (log_) unwrap(log_->append(command));
    (void)execute(router_, command);
  }
  Hook* hook(py::function function) {
    hooks_.push_back(std::make_unique<Hook>(Hook{std::move(function), raised_}));
    return hooks_.back().get();
  }

 private:
  template <class Id>
  static Id known(Id id, const char* what, const std::string& name) {
    if (!id) raise(Error(ErrorCode::not_found, "there is no " + std::string(what) + " `" + name + "`", "use a name of the definition"));
    return id;
  }

  Events events_;
  std::size_t fed_ = 0;
  std::optional<Log> log_;
  std::optional<Figures> figures_;
  std::vector<std::unique_ptr<Hook>> hooks_;
  std::shared_ptr<std::optional<py::error_already_set>> raised_ = std::make_shared<std::optional<py::error_already_set>>();
  Router router_;
};

std::string explain(PyRouter& r, std::uint64_t contact, std::uint32_t agent) {
  std::string text;
  JsonWriter json(text);
  if (agent == 0) {
    r.router().explain(ContactId{contact}).write(json);
  } else {
    const Explanation x = r.router().explain(ContactId{contact}, AgentId{agent});
    json.begin_object().field("why", to_string(x.why)).field("before", x.before).field("sentence", x.sentence).end_object();
  }
  return text;
}

}  // namespace
}  // namespace hotline::python

using namespace hotline::python;

void bind_acd(py::module_& m) {
  m.def("check", [](std::string_view text, std::string_view file) {
    Diagnostics diagnostics{std::string(file)};
    const auto definition = parse_definition(text, file, &diagnostics);
    if (!definition.ok() && diagnostics.items().empty()) raise(definition.error());
    return py::make_tuple(diagnostics.to_json(), diagnostics.to_sarif("hotline acd"));
  }, py::arg("text"), py::arg("file") = "definition");
  m.attr("COMMAND_SIZE") = sizeof(Command);
  m.attr("EVENT_SIZE") = sizeof(Event);
  py::list verbs, types, reasons, outcomes;
  for (int i = 0; i <= static_cast<int>(Verb::callback_failed); ++i) verbs.append(std::string(to_string(static_cast<Verb>(i))));
  for (int i = 0; i <= static_cast<int>(EventType::definition_changed); ++i) types.append(std::string(to_string(static_cast<EventType>(i))));
  for (int i = 0; i <= static_cast<int>(Reason::callback_window); ++i) reasons.append(std::string(to_string(static_cast<Reason>(i))));
  for (int i = 0; i <= static_cast<int>(Outcome::reused); ++i) outcomes.append(std::string(to_string(static_cast<Outcome>(i))));
  m.attr("VERBS") = verbs, m.attr("EVENT_TYPES") = types, m.attr("REASONS") = reasons, m.attr("OUTCOMES") = outcomes;

  py::class_<PyRouter>(m, "Router")
      .def(py::init([](std::string_view text, std::string_view file) { return std::make_unique<PyRouter>(unwrap(parse_definition(text, file))); }),
           py::arg("text"), py::arg("file") = "definition")
      .def("apply", &PyRouter::apply, py::arg("verb"), py::arg("fields"), py::arg("now"))
      .def("advance", [](PyRouter& r, std::int64_t now) { r.router().advance(to_time(now)); r.settle(); }, py::arg("now"))
      .def("next_deadline", [](PyRouter& r) -> std::optional<std::int64_t> {
        const auto at = r.router().next_deadline();
        return at ? std::optional(to_ns(*at)) : std::nullopt;
      })
      .def("execute", &PyRouter::execute_all, py::arg("commands"))
      .def("take", &PyRouter::take)
      .def("take_bytes", &PyRouter::take_bytes)
      .def("require", &PyRouter::require, py::arg("expression"))
      .def("watch", &PyRouter::watch, py::arg("interval_ns") = 0, py::arg("short_abandon_ns") = -1)
      .def("ask", &PyRouter::ask, py::arg("question"), py::arg("fields"), py::arg("now"))
      .def("look", &PyRouter::look, py::arg("now"))
      .def("queues_csv", [](PyRouter& r, std::int64_t length) { return r.figures().metrics().queues_csv(Duration{length}); }, py::arg("interval_ns") = 0)
      .def("agents_csv", [](PyRouter& r, std::int64_t length) { r.figures().metrics().close(r.router().now()); return r.figures().metrics().agents_csv(Duration{length}); }, py::arg("interval_ns") = 0)
      .def_static("recover", [](std::string_view text, std::string path, std::string_view file, const PyRouter::Choosers& agents, const PyRouter::Choosers& contacts) {
        return std::make_unique<PyRouter>(unwrap(parse_definition(text, file)), unwrap(Log::open(std::move(path))), agents, contacts);
      }, py::arg("text"), py::arg("log"), py::arg("file") = "definition", py::arg("agent_choosers") = PyRouter::Choosers{}, py::arg("contact_choosers") = PyRouter::Choosers{})
      .def("sync", [](PyRouter& r) {
        Log& log = r.log();
        Status status;
        {
          const py::gil_scoped_release free;
          status = log.sync();
        }
        unwrap(status);
      })
      .def("snapshot", [](PyRouter& r) { unwrap(r.log().snapshot(r.router())); })
      .def("note", [](PyRouter& r, std::string_view text) { return r.router().note(text).value; })
      .def("redefine", [](PyRouter& r, std::string_view text, std::int64_t now, std::string_view file) {
        r.redefine(unwrap(parse_definition(text, file)), now);
      }, py::arg("text"), py::arg("now"), py::arg("file") = "definition")
      .def("set_agent_chooser", [](PyRouter& r, std::uint32_t queue, py::function f) { r.router().set_agent_chooser(QueueId{queue}, {choose_agent, r.hook(std::move(f))}); })
      .def("set_contact_chooser", [](PyRouter& r, std::uint32_t team, py::function f) { r.router().set_contact_chooser(TeamId{team}, {choose_contact, r.hook(std::move(f))}); })
      .def("queue", [](PyRouter& r, std::string_view n) { return r.router().definition().find_queue(n).value; })
      .def("agent", [](PyRouter& r, std::string_view n) { return r.router().definition().find_agent(n).value; })
      .def("team", [](PyRouter& r, std::string_view n) { return r.router().definition().find_team(n).value; })
      .def("contact", [](PyRouter& r, std::string_view n) { return r.router().find_contact(n).value; })
      .def("queues", [](PyRouter& r) { std::vector<std::string> all; for (const auto& q : r.router().definition().queues) all.push_back(q.name); return all; })
      .def("agents", [](PyRouter& r) { std::vector<std::string> all; for (const auto& a : r.router().definition().agents) all.push_back(a.name); return all; })
      .def("agent_state", [](PyRouter& r, std::uint32_t a) -> std::string { const auto v = r.router().agent(AgentId{a}); return v ? std::string(to_string(v->state)) : ""; })
      .def("contact_state", [](PyRouter& r, std::uint64_t c) -> std::string { const auto v = r.router().contact(ContactId{c}); return v ? std::string(to_string(v->state)) : "none"; })
      .def("waiting", [](PyRouter& r, std::uint32_t q) { return q == 0 ? r.router().waiting() : r.router().queue(QueueId{q}) ? r.router().queue(QueueId{q})->waiting : 0; }, py::arg("queue") = 0)
      .def("position", [](PyRouter& r, std::uint64_t c) { return unwrap(r.router().position(ContactId{c})); })
      .def("explain", &explain, py::arg("contact"), py::arg("agent") = 0)
      .def("save", [](PyRouter& r) { return py::bytes(r.router().save()); })
      .def("restore", [](PyRouter& r, const py::bytes& b) { unwrap(r.router().restore(std::string_view(b))); })
      .def("restarted", &PyRouter::restarted, py::arg("now"))
      .def("check", [](PyRouter& r) { unwrap(r.router().check()); })
      .def("metrics", [](PyRouter& r) { return std::make_unique<Metrics>(r.router().definition()); });

  py::class_<Metrics>(m, "Metrics")
      .def("add", [](Metrics& metrics, const py::bytes& events) {
        const std::string_view bytes(events);
        for (std::size_t i = 0; i + sizeof(Event) <= bytes.size(); i += sizeof(Event)) {
          Event e;
          std::memcpy(static_cast<void*>(&e), bytes.data() + i, sizeof e);
          metrics.add(e);
        }
      })
      .def("close", [](Metrics& metrics, std::int64_t now) { metrics.close(to_time(now)); })
      .def("json", [](Metrics& metrics) { std::string text; JsonWriter json(text); metrics.write(json); return text; })
      .def("queues_csv", [](Metrics& metrics, std::int64_t length) { return metrics.queues_csv(Duration{length}); }, py::arg("interval_ns") = 0)
      .def("agents_csv", [](Metrics& metrics, std::int64_t length) { return metrics.agents_csv(Duration{length}); }, py::arg("interval_ns") = 0);
}
