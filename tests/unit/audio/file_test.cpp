#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "hotline/audio/align.hpp"
#include "hotline/audio/file.hpp"
#include "hotline/audio/tones.hpp"
#include "sound.hpp"

using namespace hotline;
using namespace hotline::audio;
using namespace std::chrono_literals;

TEST(SoundFile, ExactFormatsComeBackExactly) {
  const test::Folder folder;
  const Samples sound = test::noise(8123, 20000);
  for (const auto& [format, name] : {std::pair{FileFormat::wav_pcm16, "a.wav"}, {FileFormat::flac, "a.flac"}}) {
    ASSERT_TRUE(write_sound(folder / name, sound, format).ok());
    EXPECT_EQ(*read_sound(folder / name).value(), sound) << name;
  }
}

TEST(SoundFile, NothingIsLeftBesideTheFile) {
  const test::Folder folder;
  ASSERT_TRUE(write_sound(folder / "a.wav", Samples(100)).ok());
  const auto bad = write_sound(folder / "none/a.wav", Samples(100));
  EXPECT_EQ(bad.code(), ErrorCode::io);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) files += entry.is_regular_file();
  EXPECT_EQ(files, 1);
}

TEST(SoundFile, OtherRatesAndStereoBecomeEightKilohertzMono) {
  // A 44.1 kHz stereo PCM WAV, written by hand: 440 Hz on both sides.
  std::string data;
  for (int i = 0; i < 44100; ++i) {
    const auto v = static_cast<std::int16_t>(10000 * std::sin(2 * 3.14159265358979 * 440 * i / 44100));
    for (int c = 0; c < 2; ++c) data.append(reinterpret_cast<const char*>(&v), 2);
  }
  const auto u32 = [](std::uint32_t v) { return std::string(reinterpret_cast<const char*>(&v), 4); };
  const std::string wav = "RIFF" + u32(static_cast<std::uint32_t>(36 + data.size())) + "WAVEfmt " + u32(16) +
                          std::string("\1\0\2\0", 4) + u32(44100) + u32(44100 * 4) + std::string("\4\0\20\0", 4) + "data" +
                          u32(static_cast<std::uint32_t>(data.size())) + data;
  const Pcm pcm = read_sound_bytes(wav).value();
  EXPECT_NEAR(static_cast<double>(pcm->size()), 8000, 8);
  const Samples expected = tone(440, 900ms, 10000);
  EXPECT_GT(align(SampleView(expected).subspan(100, 7000), *pcm).correlation, 0.999);
}

TEST(SoundFile, WrongFilesAreNamed) {
  const test::Folder folder;
  EXPECT_EQ(read_sound(folder / "none.wav").code(), ErrorCode::not_found);
  std::ofstream(folder / "text.wav") << "this is a text";
  const auto text = read_sound(folder / "text.wav");
  EXPECT_EQ(text.code(), ErrorCode::invalid_argument);
  EXPECT_NE(text.error().message().find("text.wav"), std::string::npos);
  EXPECT_FALSE(read_sound(folder.path()).ok());
  EXPECT_FALSE(read_sound_bytes("").ok());
}

TEST(Recorder, WritesALaw) {
  const test::Folder folder;
  auto recorder = Recorder::create(folder / "r.wav").value();
  const Samples sound = test::noise(1600, 12000);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(recorder.append(SampleView(sound).subspan(static_cast<std::size_t>(i) * 160, 160)).ok());
  EXPECT_EQ(recorder.length(), 200ms);
  ASSERT_TRUE(recorder.finish().ok());
  EXPECT_EQ(recorder.append(sound).code(), ErrorCode::closed);
  EXPECT_GT(align(sound, *read_sound(folder / "r.wav").value()).correlation, 0.999);
  EXPECT_LT(std::filesystem::file_size(folder / "r.wav"), 1600u + 100u);
  EXPECT_EQ(Recorder::create(folder / "no/r.wav").code(), ErrorCode::io);
}

// A crash leaves data size 0 in an ordinary WAV header.
TEST(Recorder, AProcessThatDiesLeavesAFileThatPlays) {
  const test::Folder folder;
  const Samples sound = test::noise(16000, 12000);
  for (int round = 0; round < 8; ++round) {
    const std::string path = folder / (std::to_string(round) + ".wav");
    int progress[2];
    ASSERT_EQ(::pipe(progress), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto recorder = Recorder::create(path).value();
      for (std::size_t at = 0; at + 160 <= sound.size(); at += 160) {
        if (!recorder.append(SampleView(sound).subspan(at, 160)).ok()) ::_Exit(2);
        if (::write(progress[1], "x", 1) != 1) ::_Exit(3);
        if (round == 0 && at == 160 * 50) ::_Exit(0);
      }
      ::pause();
    }
    ::close(progress[1]);
    std::size_t written = 0;
    char c;
    const std::size_t until = round == 0 ? 51 : static_cast<std::size_t>(round) * 12;
    while (written < until && ::read(progress[0], &c, 1) == 1) ++written;
    if (round > 0) ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(progress[0]);
    const Pcm left = read_sound(path).value();
    ASSERT_GE(left->size(), written * 160) << "round " << round;
    EXPECT_GT(align(SampleView(sound).first(written * 160), *left).correlation, 0.999);
  }
}

TEST(Archive, SaysWhatItSaved) {
  const test::Folder folder;
  auto recorder = Recorder::create(folder / "r.wav").value();
  Samples speech;
  for (int i = 0; i < 20; ++i) {
    const Samples part = tone(200 + 30 * i, 250ms, 5000, 900 + 50 * i);
    speech.insert(speech.end(), part.begin(), part.end());
  }
  ASSERT_TRUE(recorder.append(speech).ok());
  ASSERT_TRUE(recorder.finish().ok());
  const ArchiveFigures flac = archive(folder / "r.wav", folder / "r.flac", FileFormat::flac).value();
  EXPECT_EQ(flac.snr_db, 999);
  EXPECT_EQ(flac.length, 5s);
  const ArchiveFigures opus = archive(folder / "r.wav", folder / "r.opus", FileFormat::opus).value();
  EXPECT_LT(opus.bytes_after, opus.bytes_before / 2);
  EXPECT_NEAR(static_cast<double>(read_sound(folder / "r.opus").value()->size()), 40000, 200);
  EXPECT_FALSE(archive(folder / "none.wav", folder / "x.flac", FileFormat::flac).ok());
}
