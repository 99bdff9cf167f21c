// What the host shows: every step as it happens, in Chinese and English.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "hotline/center.hpp"

// Synchronised: the hotline writes, the director of a demonstration waits.
class Screen {
 public:
  explicit Screen(bool colour) : began_(std::chrono::steady_clock::now()), colour_(colour) {}

  void show(const hotline::center::Notice& notice);
  void heading(const std::string& zh, const std::string& en);
  void line(const std::string& text);
  // A check of a demonstration; failures are counted.
  bool expect(bool holds, const std::string& zh, const std::string& en);
  int failures() const;

  // Waits until a notice fulfils the condition; notices that were there when `since` was taken count too. False when
  // `patience` (real time) ran out.
  using Condition = std::function<bool(const hotline::center::Notice&)>;
  bool await(const Condition& condition, std::size_t since, std::chrono::seconds patience);
  std::size_t mark() const;
  // The notices after `since`.
  std::vector<hotline::center::Notice> after(std::size_t since) const;

 private:
  void print(const std::string& text);
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<hotline::center::Notice> notices_;
  std::chrono::steady_clock::time_point began_;
  bool colour_;
  int failures_ = 0;
};
