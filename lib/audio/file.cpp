#include "hotline/audio/file.hpp"

#include <fcntl.h>
#include <samplerate.h>
#include <sndfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "hotline/audio/align.hpp"

namespace hotline::audio {
namespace {

constexpr sf_count_t kLongest = sf_count_t{36000} * 192000;

struct Closer {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using Handle = std::unique_ptr<SNDFILE, Closer>;

Error io_error(const std::string& what, const std::string& path) {
  return Error(ErrorCode::io, what + " `" + path + "`: " + std::strerror(errno), "check the folder, its rights and the space left");
}

Result<Samples> resample(const std::vector<float>& mono, int rate) {
  std::vector<float> out;
  if (rate == kSampleRate) {
    out = mono;
  } else {
    const double ratio = static_cast<double>(kSampleRate) / rate;
    out.resize(static_cast<std::size_t>(std::ceil(static_cast<double>(mono.size()) * ratio)) + 64);
    SRC_DATA data{};
    data.data_in = mono.data();
    data.data_out = out.data();
    data.input_frames = static_cast<long>(mono.size());
    data.output_frames = static_cast<long>(out.size());
    data.src_ratio = ratio;
    if (const int problem = src_simple(&data, SRC_SINC_MEDIUM_QUALITY, 1); problem != 0)
      return Error(ErrorCode::unsupported, std::string("cannot resample: ") + src_strerror(problem), "use a rate from 1 to 192 kHz");
    out.resize(static_cast<std::size_t>(data.output_frames_gen));
  }
  Samples samples(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float v = std::isfinite(out[i]) ? out[i] : 0.0F;
    samples[i] = static_cast<std::int16_t>(std::lrint(std::clamp(v * 32768.0F, -32768.0F, 32767.0F)));
  }
  return samples;
}

// Reads in blocks rather than trusting the header's count: a header of a torn or streamed file lies.
Result<Pcm> read_handle(SNDFILE* file, const SF_INFO& info, std::string_view name) {
  if (info.samplerate < 1000 || info.samplerate > 192000 || info.channels < 1 || info.channels > 64)
    return Error(ErrorCode::unsupported, "`" + std::string(name) + "` has an odd rate or number of channels",
                 "convert it to 8 kHz mono");
  std::vector<float> block(static_cast<std::size_t>(info.channels) * 4096);
  std::vector<float> mono;
  for (;;) {
    const sf_count_t n = sf_readf_float(file, block.data(), 4096);
    if (n <= 0) break;
    for (sf_count_t i = 0; i < n; ++i) {
      float sum = 0;
      for (int c = 0; c < info.channels; ++c) sum += block[static_cast<std::size_t>(i * info.channels + c)];
      mono.push_back(sum / static_cast<float>(info.channels));
    }
    if (static_cast<sf_count_t>(mono.size()) > std::min<sf_count_t>(kLongest, sf_count_t{36000} * info.samplerate))
      return Error(ErrorCode::limit, "`" + std::string(name) + "` is longer than ten hours", "cut it into parts");
  }
  HOTLINE_ASSIGN(Samples samples, resample(mono, info.samplerate));
  return make_pcm(std::move(samples));
}

struct Memory {
  std::string_view bytes;
  sf_count_t at = 0;
};
sf_count_t memory_size(void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->bytes.size()); }
sf_count_t memory_seek(sf_count_t offset, int whence, void* user) {
  auto& m = *static_cast<Memory*>(user);
  const auto size = static_cast<sf_count_t>(m.bytes.size());
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m.at : size;
  m.at = std::clamp<sf_count_t>(base + offset, 0, size);
  return m.at;
}
sf_count_t memory_read(void* to, sf_count_t count, void* user) {
  auto& m = *static_cast<Memory*>(user);
  const auto n = std::min(count, static_cast<sf_count_t>(m.bytes.size()) - m.at);
  if (n <= 0) return 0;
  std::memcpy(to, m.bytes.data() + m.at, static_cast<std::size_t>(n));
  m.at += n;
  return n;
}
sf_count_t memory_write(const void*, sf_count_t, void*) { return 0; }
sf_count_t memory_tell(void* user) { return static_cast<Memory*>(user)->at; }

int format_number(FileFormat format) {
  switch (format) {
    case FileFormat::wav_pcm16: return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    case FileFormat::wav_alaw: return SF_FORMAT_WAV | SF_FORMAT_ALAW;
    case FileFormat::flac: return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    case FileFormat::opus: return SF_FORMAT_OGG | SF_FORMAT_OPUS;
  }
  return 0;
}

Error not_sound(std::string_view name, const char* why) {
  return Error(ErrorCode::invalid_argument, "`" + std::string(name) + "` is not a sound file: " + why,
               "use WAV, FLAC, Ogg or MP3");
}

}  // namespace

Result<Pcm> read_sound(const std::string& path) {
  SF_INFO info{};
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return Error(ErrorCode::not_found, "no sound file `" + path + "`: " + std::strerror(errno), "check the path");
  Handle file(sf_open(path.c_str(), SFM_READ, &info));
  if (!file) return not_sound(path, sf_strerror(nullptr));
  return read_handle(file.get(), info, path);
}

Result<Pcm> read_sound_bytes(std::string_view bytes, std::string_view name) {
  SF_INFO info{};
  Memory memory{bytes};
  SF_VIRTUAL_IO io{memory_size, memory_seek, memory_read, memory_write, memory_tell};
  Handle file(sf_open_virtual(&io, SFM_READ, &info, &memory));
  if (!file) return not_sound(name, sf_strerror(nullptr));
  return read_handle(file.get(), info, name);
}

Status write_sound(const std::string& path, SampleView samples, FileFormat format) {
  static std::atomic<unsigned> counter{0};
  const std::string beside = path + "." + std::to_string(::getpid()) + "." + std::to_string(counter++) + ".tmp";
  const int fd = ::open(beside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return io_error("cannot create", beside);
  SF_INFO info{};
  info.samplerate = kSampleRate;
  info.channels = 1;
  info.format = format_number(format);
  bool good = false;
  if (Handle file{sf_open_fd(fd, SFM_WRITE, &info, SF_FALSE)}) {
    good = sf_write_short(file.get(), samples.data(), static_cast<sf_count_t>(samples.size())) ==
           static_cast<sf_count_t>(samples.size());
  }
  good = good && ::fsync(fd) == 0;
  ::close(fd);
  if (good && ::rename(beside.c_str(), path.c_str()) == 0) return {};
  const Error problem = io_error("cannot write", path);
  ::unlink(beside.c_str());
  return problem;
}

struct Recorder::File {
  std::string path;
  int fd = -1;
  Handle file;
  std::size_t samples = 0;
  ~File() {
    file.reset();
    if (fd >= 0) ::close(fd);
  }
};

Recorder::Recorder(std::unique_ptr<File> file) : file_(std::move(file)) {}
Recorder::Recorder(Recorder&&) noexcept = default;
Recorder& Recorder::operator=(Recorder&&) noexcept = default;
Recorder::~Recorder() = default;

Result<Recorder> Recorder::create(const std::string& path) {
  auto file = std::make_unique<File>();
  file->path = path;
  file->fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file->fd < 0) return io_error("cannot record to", path);
  SF_INFO info{};
  info.samplerate = kSampleRate;
  info.channels = 1;
  info.format = format_number(FileFormat::wav_alaw);
  file->file.reset(sf_open_fd(file->fd, SFM_WRITE, &info, SF_FALSE));
  if (!file->file) return io_error("cannot record to", path);
  sf_command(file->file.get(), SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
  return Recorder(std::move(file));
}

Status Recorder::append(SampleView samples) {
  if (!file_ || !file_->file) return Error(ErrorCode::closed, "the recording is closed");
  const auto n = static_cast<sf_count_t>(samples.size());
  if (n == 0) return {};
  const sf_count_t written = sf_write_short(file_->file.get(), samples.data(), n);
  file_->samples += static_cast<std::size_t>(std::max<sf_count_t>(written, 0));
  return written == n ? Status() : Status(io_error("cannot record to", file_->path));
}

Duration Recorder::length() const { return length_of(file_ ? file_->samples : 0); }
const std::string& Recorder::path() const {
  static const std::string none;
  return file_ ? file_->path : none;
}

Status Recorder::finish() {
  if (!file_ || !file_->file) return Error(ErrorCode::closed, "the recording is closed");
  file_->file.reset();
  return ::fdatasync(file_->fd) == 0 ? Status() : Status(io_error("cannot finish", file_->path));
}

Result<ArchiveFigures> archive(const std::string& recording, const std::string& to, FileFormat format) {
  HOTLINE_ASSIGN(const Pcm before, read_sound(recording));
  HOTLINE_TRY(write_sound(to, *before, format));
  HOTLINE_ASSIGN(const Pcm after, read_sound(to));
  ArchiveFigures figures;
  std::error_code ignored;
  figures.bytes_before = std::filesystem::file_size(recording, ignored);
  figures.bytes_after = std::filesystem::file_size(to, ignored);
  figures.length = length_of(before);
  figures.snr_db = snr_db(*before, *after);
  return figures;
}

}  // namespace hotline::audio
