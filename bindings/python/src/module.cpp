#include "bind.hpp"

#define HOTLINE_BIND(box) \
  void bind_##box(py::module_& module);
#include "boxes.inc"
#undef HOTLINE_BIND

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled half of hotline. Import hotline instead.";
#define HOTLINE_BIND(box)                                   \
  {                                                         \
    auto submodule = module.def_submodule(#box);            \
    bind_##box(submodule);                                  \
  }
#include "boxes.inc"
#undef HOTLINE_BIND
}
