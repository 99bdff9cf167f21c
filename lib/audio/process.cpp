#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

extern char** environ;

namespace hotline::audio {
namespace {

struct Pipe {
  int read = -1, write = -1;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  static void close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  ~Pipe() {
    close(read);
    close(write);
  }
};

// A program that ends before it has read all of its input must not end us: SIGPIPE is held back in this
// thread while writing.
class PipeSignalBlocked {
 public:
  PipeSignalBlocked() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set_, &old_);
  }
  ~PipeSignalBlocked() {
    timespec none{};
    while (sigtimedwait(&set_, nullptr, &none) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &old_, nullptr);
  }

 private:
  sigset_t set_, old_;
};

bool drain(int& fd, std::string& into) {
  char block[65536];
  const ssize_t n = ::read(fd, block, sizeof block);
  if (n > 0) into.append(block, static_cast<std::size_t>(n));
  else if (n == 0 || (errno != EAGAIN && errno != EINTR)) Pipe::close(fd);
  return true;
}

}  // namespace

Result<ProcessOutput> run_process(const std::vector<std::string>& command, std::string_view input, Duration timeout,
                                  std::size_t most) {
  Pipe in, out, err;
  if (!in.open() || !out.open() || !err.open()) return Error(ErrorCode::io, "no pipe left", "raise the limit of open files");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int problem = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (problem != 0)
    return Error(ErrorCode::unsupported, "cannot start `" + command[0] + "`: " + std::strerror(problem),
                 "install it, or give its path");
  Pipe::close(in.read);
  Pipe::close(out.write);
  Pipe::close(err.write);
  for (const int fd : {in.write, out.read, err.read}) ::fcntl(fd, F_SETFL, O_NONBLOCK);

  const PipeSignalBlocked blocked;
  ProcessOutput result;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const char* failure = nullptr;
  while (out.read >= 0 || err.read >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      failure = "timeout";
      break;
    }
    if (input.empty()) Pipe::close(in.write);
    pollfd fds[3] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {in.write, POLLOUT, 0}};
    if (::poll(fds, 3, static_cast<int>(left.count()) + 1) < 0 && errno != EINTR) break;
    if (fds[0].revents != 0) drain(out.read, result.out);
    if (fds[1].revents != 0) drain(err.read, result.err);
    if (in.write >= 0 && fds[2].revents != 0) {
      const ssize_t n = ::write(in.write, input.data(), input.size());
      if (n > 0) input.remove_prefix(static_cast<std::size_t>(n));
      else if (errno != EAGAIN && errno != EINTR) Pipe::close(in.write);
    }
    if (result.out.size() + result.err.size() > most) {
      failure = "limit";
      break;
    }
  }
  if (failure != nullptr) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (failure != nullptr && failure[0] == 't')
    return Error(ErrorCode::timed_out, "`" + command[0] + "` did not end in " + to_string(timeout), "shorten the text");
  if (failure != nullptr) return Error(ErrorCode::limit, "`" + command[0] + "` wrote too much", "shorten the text");
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace hotline::audio
