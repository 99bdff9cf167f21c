#include "workflow/definition_data.hpp"

namespace hotline::workflow {

void validate(const Definition::Data& definition, Diagnostics& diagnostics) {
  (void)definition, (void)diagnostics;
}

}  // namespace hotline::workflow
