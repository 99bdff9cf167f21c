// An external ranker with a time budget. Private.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "hotline/base/time.hpp"
#include "hotline/kb/search.hpp"

namespace hotline::kb {

// Asks the ranker on a thread of its own, one question at a time, and waits no longer than the budget. A ranker that
// hangs keeps its thread and nothing else: the searches go on without it. Synchronised.
class RerankDesk {
 public:
  RerankDesk(Reranker reranker, Duration budget);
  ~RerankDesk();
  RerankDesk(const RerankDesk&) = delete;

  // Fuses the ranker's order with the given one.
  void order(const std::string& question, std::vector<Hit>& hits);

 private:
  struct Shared;
  std::vector<double> ask(const std::string& question, const std::vector<Hit>& hits);
  std::shared_ptr<Shared> shared_;
  Duration budget_;
};

}  // namespace hotline::kb
