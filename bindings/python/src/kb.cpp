#include <algorithm>

#include "bind.hpp"
#include "hotline/kb.hpp"

using namespace hotline;

namespace {

// Runs `body` without the interpreter lock and raises what went wrong.
template <class Body>
auto freely(Body&& body) {
  auto result = [&] {
    const py::gil_scoped_release release;
    return body();
  }();
  return python::unwrap(std::move(result));
}
void freely_done(const std::function<Status()>& body) {
  const Status status = [&] {
    const py::gil_scoped_release release;
    return body();
  }();
  python::unwrap(status);
}

Node node_of(const std::string& json) {
  return json.empty() ? Node::mapping() : python::unwrap(parse_document(json, "fields"));
}
kb::Filters filters_of(const std::string& json) { return python::unwrap(kb::filters_from(node_of(json))); }

kb::SearchOptions::Detail detail_of(const std::string& name) {
  if (name == "ids") return kb::SearchOptions::Detail::ids;
  if (name == "marks") return kb::SearchOptions::Detail::marks;
  if (name == "explain") return kb::SearchOptions::Detail::explain;
  python::raise(Error(ErrorCode::invalid_argument, "detail is `" + name + "`", "it is ids, marks or explain"));
}

kb::Format format_named(const std::string& name) { return python::unwrap(kb::format_of("x." + name)); }

// Calls a Python function from a thread that runs without the lock.
kb::Progress progress_of(const py::object& function) {
  if (function.is_none()) return {};
  return [function](std::uint64_t done, std::uint64_t total) {
    const py::gil_scoped_acquire acquire;
    function(done, total);
  };
}

std::vector<kb::Synonym> synonyms_of(const std::vector<std::tuple<std::string, std::string, double, bool>>& list) {
  std::vector<kb::Synonym> out;
  for (const auto& [from, to, weight, both] : list)
    out.push_back({from, to, weight, both ? kb::Synonym::Way::both : kb::Synonym::Way::one});
  return out;
}

std::vector<kb::Article> articles_of(const std::vector<std::string>& list) {
  std::vector<kb::Article> out;
  for (const std::string& json : list) out.push_back(python::unwrap(kb::article_from(node_of(json))));
  return out;
}

void bind_base_class(py::module_& module) {
  using Base = kb::KnowledgeBase;
  py::class_<Base>(module, "KnowledgeBase")
      .def(py::init([](const std::string& url, const std::string& footprint) {
             constexpr std::string_view kNames[] = {"as_kept", "full", "small"};
             const auto* const named = std::find(std::begin(kNames), std::end(kNames), footprint);
             if (named == std::end(kNames)) python::raise(Error(ErrorCode::invalid_argument, "footprint is `" + footprint + "`", "it is as_kept, full or small"));
             return freely([&]() -> Result<Base> {
               HOTLINE_ASSIGN(store::Database db, store::Database::open(url));
               return Base::open(std::move(db), {}, {}, static_cast<kb::Footprint>(named - std::begin(kNames)));
             });
           }), py::arg("url"), py::arg("footprint") = "as_kept")
      .def_property_readonly("footprint", [](const Base& self) { return self.footprint() == kb::Footprint::small ? "small" : "full"; })
      .def_property_readonly("rebuilt", &Base::rebuilt)
      .def("put", [](Base& self, const std::string& article, std::int64_t now, bool publish, int expected) {
             const kb::Article read = python::unwrap(kb::article_from(node_of(article)));
             return freely([&] { return self.put(read, time_from_ns(now), {publish ? kb::State::published : kb::State::draft, expected}); });
           }, py::arg("article"), py::arg("now"), py::arg("publish"), py::arg("expected") = -1)
      .def("put_all", [](Base& self, const std::vector<std::string>& articles, std::int64_t now, bool publish, const py::object& progress) {
             const auto read = articles_of(articles);
             const kb::Progress report = progress_of(progress);
             freely_done([&] { return self.put_all(read, time_from_ns(now), publish ? kb::State::published : kb::State::draft, report); });
           }, py::arg("articles"), py::arg("now"), py::arg("publish"), py::arg("progress") = py::none())
      .def("publish", [](Base& self, const std::string& id, int revision, std::int64_t now) { freely_done([&] { return self.publish(id, revision, time_from_ns(now)); }); })
      .def("withdraw", [](Base& self, const std::string& id, std::int64_t now) { freely_done([&] { return self.withdraw(id, time_from_ns(now)); }); })
      .def("article", [](Base& self, const std::string& id, int revision) {
             return kb::to_json(freely([&] { return revision == 0 ? self.article(id) : self.revision(id, revision); }));
           }, py::arg("id"), py::arg("revision") = 0)
      .def("revisions", [](Base& self, const std::string& id) {
             std::vector<std::string> out;
             for (const auto& r : freely([&] { return self.revisions(id); })) out.push_back(kb::to_json(r));
             return out;
           })
      .def("articles", [](Base& self) {
             std::vector<std::string> out;
             freely_done([&] {
               return self.each([&](const kb::Revision& r) {
                 out.push_back(kb::to_json(r));
                 return Status();
               });
             });
             return out;
           })
      .def("history", [](Base& self) {
             return freely([&]() -> Result<std::string> {
               std::vector<kb::Revision> all;
               HOTLINE_TRY(self.each_revision([&](const kb::Revision& r) {
                 all.push_back(r);
                 return Status();
               }));
               return kb::write_history(all);
             });
           })
      .def("restore", [](Base& self, const std::string& history, const std::string& file, const py::object& progress) {
             const kb::Progress report = progress_of(progress);
             return freely([&]() -> Result<std::size_t> {
               HOTLINE_ASSIGN(const auto all, kb::read_history(history, file));
               HOTLINE_TRY(self.restore(all, report));
               return all.size();
             });
           }, py::arg("history"), py::arg("file"), py::arg("progress") = py::none())
      .def("search", [](Base& self, const py::bytes& question, const std::string& filters, std::int64_t as_of, std::size_t limit, std::size_t offset, const std::string& detail) {
             const std::string text = question;
             const kb::Filters f = filters_of(filters);
             const kb::SearchOptions options{limit, offset, detail_of(detail)};
             return kb::to_json(freely([&] { return self.search(text, f, time_from_ns(as_of), options); }));
           })
      .def("spoken_answer", [](Base& self, const py::bytes& question, const std::string& filters, std::int64_t as_of) {
             const std::string text = question;
             const kb::Filters f = filters_of(filters);
             return kb::to_json(freely([&] { return self.spoken_answer(text, f, time_from_ns(as_of)); }));
           })
      .def("suggest", [](Base& self, const py::bytes& typed, const std::string& filters, std::int64_t as_of, std::size_t limit) {
             const std::string text = typed;
             const kb::Filters f = filters_of(filters);
             std::vector<std::string> out;
             for (const auto& s : freely([&] { return self.suggest(text, f, time_from_ns(as_of), limit); })) out.push_back(kb::to_json(s));
             return out;
           })
      .def("set_reranker", [](Base& self, const py::object& function, std::int64_t budget) {
             if (function.is_none()) return self.set_reranker({});
             // The function is released with the lock held, whichever thread lets go of it.
             std::shared_ptr<py::object> held(new py::object(function), [](py::object* o) {
               const py::gil_scoped_acquire acquire;
               delete o;
             });
             self.set_reranker([held](const std::string& question, const std::vector<kb::Hit>& hits) {
               const py::gil_scoped_acquire acquire;
               py::list list;
               for (const kb::Hit& h : hits) list.append(kb::to_json(h));
               try {
                 const py::object scores = (*held)(question, list);
                 return scores.is_none() ? std::vector<double>() : scores.cast<std::vector<double>>();
               } catch (const std::exception&) {
                 return std::vector<double>();  // a ranker that fails has no say
               }
             }, Duration(budget));
           })
      .def("apply", [](Base& self, std::int64_t at, const std::string& verb, const std::string& fields) {
             const Node node = node_of(fields);
             py::list out;
             for (const auto& e : freely([&] { return kb::apply(self, time_from_ns(at), verb, node); })) out.append(py::make_tuple(e.type, e.json));
             return out;
           })
      .def("set_synonyms", [](Base& self, const std::string& library, const std::vector<std::tuple<std::string, std::string, double, bool>>& list, const std::string& who, std::int64_t at,
                              const std::string& note) {
             const auto synonyms = synonyms_of(list);
             freely_done([&] { return self.set_synonyms(library, synonyms, {who, time_from_ns(at), note}); });
           }, py::arg("library"), py::arg("synonyms"), py::arg("who") = "", py::arg("at") = 0, py::arg("note") = "")
      .def("synonyms", [](Base& self, const std::string& library) {
             py::list out;
             for (const auto& s : freely([&] { return self.synonyms(library); })) out.append(py::make_tuple(s.from, s.to, s.weight, s.way == kb::Synonym::Way::both, s.used));
             return out;
           })
      .def("try_synonyms", [](Base& self, const std::string& library, const std::vector<std::tuple<std::string, std::string, double, bool>>& list, const std::vector<std::string>& questions,
                              const std::string& filters, std::int64_t as_of) {
             const auto synonyms = synonyms_of(list);
             const kb::Filters f = filters_of(filters);
             py::list out;
             for (const auto& t : freely([&] { return self.try_synonyms(library, synonyms, questions, f, time_from_ns(as_of)); })) out.append(py::make_tuple(t.question, t.before, t.after));
             return out;
           })
      .def("set_dictionary", [](Base& self, const std::vector<std::string>& terms) { freely_done([&] { return self.set_dictionary(terms); }); })
      .def("report", [](Base& self, const std::string& kind, std::int64_t from, std::int64_t to, std::size_t limit) {
             const auto which = python::unwrap(kb::report_kind(kind));
             return kb::to_json(freely([&] { return self.report({which, time_from_ns(from), time_from_ns(to), limit}); }));
           })
      .def("statistics", [](Base& self) {
        const py::gil_scoped_release release;
        return kb::to_json(self.statistics());
      })
      .def("refresh", [](Base& self) { return freely([&] { return self.refresh(); }); })
      .def("optimize", [](Base& self) { freely_done([&] { return self.optimize(); }); })
      .def("verify", [](Base& self, const py::object& progress) {
             const kb::Progress report = progress_of(progress);
             return kb::to_json(freely([&] { return self.verify(report); }));
           }, py::arg("progress") = py::none())
      .def("rebuild", [](Base& self, const py::object& progress) {
             const kb::Progress report = progress_of(progress);
             freely_done([&] { return self.rebuild(report); });
           }, py::arg("progress") = py::none());
}

}  // namespace

void bind_kb(py::module_& module) {
  bind_base_class(module);
  py::class_<kb::Editing>(module, "Editing")
      .def(py::init([](const kb::KnowledgeBase& base, const std::string& definition, const std::vector<std::string>& calendars) {
             return freely([&]() -> Result<kb::Editing> {
               HOTLINE_ASSIGN(workflow::Definition loaded, workflow::Definition::load(definition));
               std::vector<workflow::Calendar> known;
               for (const std::string& path : calendars) {
                 HOTLINE_ASSIGN(workflow::Calendar calendar, workflow::Calendar::load(path));
                 known.push_back(std::move(calendar));
               }
               return kb::Editing::open(base, std::move(loaded), std::move(known));
             });
           }), py::arg("base"), py::arg("definition"), py::arg("calendars"))
      .def("apply", [](kb::Editing& self, std::int64_t at, const std::string& verb, const std::string& fields) {
        const Node node = node_of(fields);
        py::list out;
        for (const auto& e : freely([&] { return kb::apply(self, time_from_ns(at), verb, node); })) out.append(py::make_tuple(e.type, e.json));
        return out;
      });
  module.def("load_articles", [](const std::string& path, const std::string& library, const std::string& kind) {
        kb::ImportOptions options;
        options.library = library;
        for (const kb::Kind k : {kb::Kind::policy, kb::Kind::qa, kb::Kind::guide, kb::Kind::earlier})
          if (to_string(k) == kind) options.kind = k;
        const kb::Imported read = freely([&] { return kb::load_articles(path, options); });
        std::vector<std::string> articles;
        for (const kb::Article& a : read.articles) articles.push_back(kb::to_json(a));
        return py::make_tuple(articles, read.records, read.report.to_json());
      }, py::arg("path"), py::arg("library") = "qa", py::arg("kind") = "qa");
  module.def("write_articles", [](const std::vector<std::string>& articles, const std::string& format) {
    return python::unwrap(kb::write_articles(articles_of(articles), format_named(format)));
  });
  module.def("evaluate", [](const std::string& folder, const std::string& clicks, std::size_t sample, const std::string& baselines, const py::object& progress) {
        kb::EvalOptions options;
        options.clicks = clicks;
        options.sample = sample;
        options.baselines = baselines == "all" ? kb::EvalOptions::Baselines::all : baselines == "none" ? kb::EvalOptions::Baselines::none : kb::EvalOptions::Baselines::clean;
        if (!progress.is_none())
          options.progress = [progress](const std::string& step, std::size_t done, std::size_t total) {
            const py::gil_scoped_acquire acquire;
            progress(step, done, total);
            if (PyErr_CheckSignals() != 0) throw py::error_already_set();
          };
        const kb::EvalReport report = freely([&] { return kb::evaluate(folder, options); });
        return py::make_tuple(report.to_text(), report.to_json());
      }, py::arg("folder"), py::arg("clicks") = "", py::arg("sample") = 0, py::arg("baselines") = "clean", py::arg("progress") = py::none());
}
