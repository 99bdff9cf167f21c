#include <gtest/gtest.h>

#include <cstdlib>

#include "hotline/sim/golden.hpp"

using namespace hotline;
using namespace hotline::sim;

namespace {

const std::string kReference = std::string(HOTLINE_SOURCE_DIR) + "/tests/data/sim/reference.json";

// Normally 200,000 contacts a case (seconds); HOTLINE_NIGHTLY=1 takes 8 million.
TEST(Golden, EveryReferenceCaseHolds) {
  const auto document = load_document(kReference);
  ASSERT_TRUE(document.ok()) << document.error().text();
  GoldenOptions options;
  options.contacts = std::getenv("HOTLINE_NIGHTLY") != nullptr ? 8e6 : 2e5;
  const auto report = run_golden(*document, options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ(report->cases.size(), 28u);
  EXPECT_EQ(report->formula_held, report->formula_entries);
  EXPECT_GT(report->formula_entries, 120u);
  EXPECT_GT(report->simulated_entries, 150u);
  EXPECT_TRUE(report->accepted()) << report->to_text();
}

}  // namespace
