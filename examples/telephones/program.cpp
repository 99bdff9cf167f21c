#include "telephones/program.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <thread>
#include <utility>

extern char** environ;

namespace telephones {

using namespace hotline;
using namespace std::chrono_literals;

Result<Program> Program::start(const std::vector<std::string>& command, const std::string& folder, const std::string& log) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);  // a Ctrl-C at the terminal is ours to hear
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  Program program;
  const int problem = posix_spawnp(&program.child_, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (problem == 0) return program;
  program.child_ = -1;
  return Error(ErrorCode::unsupported, "cannot start `" + command[0] + "`: " + std::strerror(problem),
               "install it (apt-get install baresip-core sip-tester)");
}

Program::Program(Program&& o) noexcept : child_(std::exchange(o.child_, -1)), status_(o.status_) {}
Program& Program::operator=(Program&& o) noexcept {
  end();
  child_ = std::exchange(o.child_, -1);
  status_ = o.status_;
  return *this;
}

bool Program::running() {
  if (child_ < 0) return false;
  int status = 0;
  if (::waitpid(child_, &status, WNOHANG) != child_) return true;
  child_ = -1;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

std::optional<int> Program::wait(Duration timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (running()) {
    if (std::chrono::steady_clock::now() >= until) return {};
    std::this_thread::sleep_for(10ms);
  }
  return status_;
}

void Program::end() {
  if (!running()) return;
  ::kill(child_, SIGTERM);
  if (wait(2s)) return;
  ::kill(child_, SIGKILL);
  wait(10s);
}

bool installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  return false;
}

namespace {

bool is_free(std::uint16_t port) {
  bool good = true;
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    good = good && ::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    ::close(fd);
  }
  return good;
}

}  // namespace

std::uint16_t three_free_ports() {
  static std::atomic<unsigned> next{static_cast<unsigned>(::getpid()) * 16};
  for (;;) {
    const auto port = static_cast<std::uint16_t>(30000 + next.fetch_add(4) % 2700);
    if (is_free(port) && is_free(static_cast<std::uint16_t>(port + 1)) && is_free(static_cast<std::uint16_t>(port + 2))) return port;
  }
}

}  // namespace telephones
