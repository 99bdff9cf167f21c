#include "ivr/program.hpp"
namespace hotline::ivr {
void check(Program&, Diagnostics&) {}
}
