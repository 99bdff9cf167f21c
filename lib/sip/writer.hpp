// Recordings go to the disk in a thread of their own: a slow disk must not be heard.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hotline/audio/file.hpp"

namespace hotline::sip {

// Synchronised.
class DiskWriter {
 public:
  // Called once by the writer's thread when the file is on the disk, or cannot be written (then ok is false).
  using Done = std::function<void(Duration length, bool ok)>;

  class Job {
   public:
    void append(audio::SampleView samples);
    void finish();  // no append afterwards
    bool failed() const { return failed_.load(std::memory_order_relaxed); }

   private:
    friend class DiskWriter;
    std::mutex mutex_;
    std::string path_;
    Done done_;
    audio::Samples pending_;
    bool finishing_ = false;
    std::atomic<bool> failed_{false};
    std::unique_ptr<audio::Recorder> recorder_;  // the writer thread's
    audio::Samples taken_;                       // the writer thread's
    bool step(bool last);  // true when done
    friend struct Step;
  };

  DiskWriter();
  ~DiskWriter();  // finishes everything
  std::shared_ptr<Job> open(std::string path, Done done);

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Job>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hotline::sip
