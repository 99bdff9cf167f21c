#include "hotline/ticket/number.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <vector>

using namespace hotline;
using namespace hotline::ticket;

namespace {
const AcceptanceNumbers kNumbers({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
}

TEST(Numbers, CheckDigitsGiveThePublishedAnswers) {
  EXPECT_EQ(damm_digit("572"), 4);  // Damm's own example
  EXPECT_EQ(damm_digit("5724"), 0);
  EXPECT_EQ(mod_11_10_digit("0794"), 5);  // ISO/IEC 7064, the standard's example
}

TEST(Numbers, HaveEightDigitsAndComeBack) {
  std::set<std::string> seen;
  for (std::uint64_t n = 0; n < 20000; ++n) {
    const std::string number = kNumbers.number(n);
    EXPECT_EQ(number.size(), 8u);
    EXPECT_TRUE(seen.insert(number).second);
    EXPECT_EQ(*kNumbers.index(number), n);
  }
}

TEST(Numbers, GrowWhenASpaceIsFull) {
  EXPECT_EQ(kNumbers.number(9'999'999).size(), 8u);
  EXPECT_EQ(kNumbers.number(10'000'000).size(), 9u);
  EXPECT_EQ(kNumbers.number(109'999'999).size(), 9u);
  EXPECT_EQ(kNumbers.number(110'000'000).size(), 10u);
  for (const std::uint64_t n : {9'999'999ull, 10'000'000ull, 109'999'999ull, 110'000'000ull}) EXPECT_EQ(*kNumbers.index(kNumbers.number(n)), n);
}

TEST(Numbers, EveryWrongKeyAndEverySwapIsNoticed) {
  for (std::uint64_t n = 0; n < 500; ++n) {
    const std::string good = kNumbers.number(n);
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (char c = '0'; c <= '9'; ++c) {
        std::string bad = good;
        bad[i] = c;
        EXPECT_EQ(check_acceptance_number(bad).ok(), bad == good);
      }
      if (i == 0) continue;
      std::string bad = good;
      std::swap(bad[i], bad[i - 1]);
      EXPECT_EQ(check_acceptance_number(bad).ok(), bad == good);
    }
  }
}

TEST(Numbers, NeighboursCannotBeGuessed) {
  // Differences of successive numbers: a counter would give one value; scattered ones hardly repeat.
  std::set<long> differences;
  for (std::uint64_t n = 0; n < 1000; ++n)
    differences.insert(std::atol(kNumbers.number(n + 1).substr(0, 7).c_str()) - std::atol(kNumbers.number(n).substr(0, 7).c_str()));
  EXPECT_GT(differences.size(), 990u);
}

TEST(Numbers, WrongOnesAreToldWhy) {
  for (const char* text : {"", "1234567", "12345678901234", "1234567a", "12345678"}) {
    const auto index = kNumbers.index(text);
    if (std::string_view(text) == "12345678" && damm_digit(text) == 0) continue;
    EXPECT_EQ(index.code(), ErrorCode::invalid_argument) << text;
    EXPECT_FALSE(index.error().remedy().empty()) << text;
  }
}

TEST(Numbers, RegistryNumbers) {
  const auto number = registry_number("370200", "20261122", 17);
  ASSERT_TRUE(number.ok());
  EXPECT_EQ(number->size(), 21u);
  EXPECT_TRUE(number->starts_with("37020020261122000017"));
  EXPECT_TRUE(check_registry_number(*number).ok());
  std::string bad = *number;
  std::swap(bad[5], bad[6]);
  EXPECT_FALSE(check_registry_number(bad).ok());
  EXPECT_EQ(registry_number("37", "20261122", 1).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(registry_number("370200", "2026", 1).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(registry_number("370200", "20261122", 1'000'000).code(), ErrorCode::limit);
}
