#include "ticket/vault.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace hotline;
using namespace hotline::ticket;

TEST(Vault, OpensWhatItSealedAndNothingElse) {
  const Vault vault(DataKey{1}, DataKey{2}, {});
  const DataKey key = vault.new_key();
  const std::string sealed = vault.seal(key, "王女士 13800000000", "here");
  EXPECT_EQ(sealed.find("138"), sealed.npos);
  EXPECT_EQ(vault.open(key, sealed, "here").value(), "王女士 13800000000");
  EXPECT_EQ(vault.open(key, sealed, "there").code(), ErrorCode::corrupt);
  EXPECT_EQ(vault.open(vault.new_key(), sealed, "here").code(), ErrorCode::corrupt);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string bad = sealed;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_EQ(vault.open(key, bad, "here").code(), ErrorCode::corrupt);
  }
  EXPECT_EQ(vault.open(key, "", "here").code(), ErrorCode::corrupt);
}

TEST(Vault, WrapsKeysUnderTheMaster) {
  const Vault vault(DataKey{1}, DataKey{2}, {}), other(DataKey{3}, DataKey{2}, {}), none({}, DataKey{2}, {});
  const DataKey key = vault.new_key();
  EXPECT_EQ(vault.unwrap(vault.wrap(key)).value(), key);
  EXPECT_EQ(other.unwrap(vault.wrap(key)).code(), ErrorCode::corrupt);
  EXPECT_EQ(none.unwrap(vault.wrap(key)).code(), ErrorCode::denied);
  EXPECT_EQ(none.unwrap(none.wrap(key)).value(), key);
}

TEST(Vault, BlindIndexesTellNothingAndDiffer) {
  const Vault vault({}, DataKey{2}, {}), other({}, DataKey{4}, {});
  EXPECT_EQ(vault.blind("phone", "138"), vault.blind("phone", "138"));
  EXPECT_NE(vault.blind("phone", "138"), vault.blind("phone", "139"));
  EXPECT_NE(vault.blind("phone", "138"), vault.blind("phon", "e138"));
  EXPECT_NE(vault.blind("phone", "138"), other.blind("phone", "138"));
}

TEST(Vault, AccessCodesHaveSixDigits) {
  const Vault vault({}, DataKey{2}, {});
  std::set<std::string> codes;
  for (int i = 0; i < 1000; ++i) {
    codes.insert(vault.access_code());
    EXPECT_EQ(codes.begin()->size(), 6u);
  }
  EXPECT_GT(codes.size(), 950u);
}
