#include "writer.hpp"

#include <chrono>

namespace hotline::sip {

using namespace std::chrono_literals;

void DiskWriter::Job::append(audio::SampleView samples) {
  const std::lock_guard lock(mutex_);
  pending_.insert(pending_.end(), samples.begin(), samples.end());
}

void DiskWriter::Job::finish() {
  const std::lock_guard lock(mutex_);
  finishing_ = true;
}

bool DiskWriter::Job::step(bool last) {
  bool finishing = false;
  {
    const std::lock_guard lock(mutex_);
    taken_.clear();
    taken_.swap(pending_);
    finishing = finishing_ || last;
  }
  if (!recorder_ && !failed_) {
    auto made = audio::Recorder::create(path_);
    if (made.ok()) recorder_ = std::make_unique<audio::Recorder>(*std::move(made));
    else failed_ = true;
  }
  if (recorder_ && !failed_ && !recorder_->append(taken_).ok()) failed_ = true;
  if (!finishing && !failed_) return false;
  const Duration length = recorder_ ? recorder_->length() : Duration{};
  const bool good = recorder_ && recorder_->finish().ok() && !failed_;
  recorder_.reset();
  if (!good) failed_ = true;
  if (done_) done_(length, good);
  done_ = nullptr;
  return true;
}

DiskWriter::DiskWriter() : thread_([this] { run(); }) {}

DiskWriter::~DiskWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<DiskWriter::Job> DiskWriter::open(std::string path, Done done) {
  auto job = std::make_shared<Job>();
  job->path_ = std::move(path);
  job->done_ = std::move(done);
  const std::lock_guard lock(mutex_);
  jobs_.push_back(job);
  return job;
}

void DiskWriter::run() {
  std::vector<std::shared_ptr<Job>> now;
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, 50ms, [&] { return stopping_; });
      last = stopping_;
      now = jobs_;
    }
    std::erase_if(now, [&](const auto& job) { return !job->step(last); });
    if (now.empty()) continue;
    const std::lock_guard lock(mutex_);
    for (const auto& done : now) std::erase(jobs_, done);
    now.clear();
  }
}

}  // namespace hotline::sip
