// Sound files: reading anything, writing WAV, and the recorder that survives a crash.
#pragma once

#include <memory>
#include <string>

#include "hotline/audio/pcm.hpp"
#include "hotline/base/result.hpp"

namespace hotline::audio {

// Any format libsndfile knows (WAV, FLAC, Ogg, MP3 ...), any rate, any number of channels; comes out at
// 8 kHz mono. Errors: not_found, io, invalid_argument (not a sound file), limit (longer than ten hours).
Result<Pcm> read_sound(const std::string& path);
// The same from the bytes of a file.
Result<Pcm> read_sound_bytes(std::string_view bytes, std::string_view name = "sound");

// How a sound is kept. pcm16 and flac are exact; alaw is the telephone's own; opus is the smallest.
enum class FileFormat : std::uint8_t { wav_pcm16, wav_alaw, flac, opus };

// Writes beside the target and renames: another process sees the whole file or none. Errors: io.
Status write_sound(const std::string& path, SampleView samples, FileFormat format = FileFormat::wav_pcm16);

// Records to WAV A-law. After each append the file's header is right, so that a process that dies at any
// moment leaves a file that plays up to its last append. Caller-locked.
class Recorder {
 public:
  // Creates the file, or empties it; folders must exist. Errors: io.
  static Result<Recorder> create(const std::string& path);
  Recorder(Recorder&&) noexcept;
  Recorder& operator=(Recorder&&) noexcept;
  ~Recorder();  // closes; without the promise of finish()

  // Errors: io (disk full, say); what was written before stays.
  Status append(SampleView samples);
  Duration length() const;
  const std::string& path() const;
  // Returns when all is on the disk (fdatasync). The recorder is closed then. Errors: io.
  Status finish();

 private:
  struct File;
  explicit Recorder(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

// What an archive job did, for people to judge it by.
struct ArchiveFigures {
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  Duration length{};
  double snr_db = 0;  // of the archive against the original; 999 where they are equal
};
// Turns a recording into its archive form (flac or opus). The original stays; the caller removes it once the
// new path is in the database. Errors: as read_sound and write_sound.
Result<ArchiveFigures> archive(const std::string& recording, const std::string& to, FileFormat format);

}  // namespace hotline::audio
