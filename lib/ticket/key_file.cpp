#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hotline/ticket/service.hpp"
#include "ticket/vault.hpp"

namespace hotline::ticket {

Result<MasterKey> load_or_create_key(const std::string& path) {
  const auto failed = [&](const char* what) {
    return Error(ErrorCode::io, std::string("cannot ") + what + " the key file `" + path + "`: " + std::strerror(errno), "check its folder and permissions");
  };
  MasterKey key{};
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    const ssize_t n = ::read(fd, key.data(), key.size());
    char more;
    const bool whole = n == static_cast<ssize_t>(key.size()) && ::read(fd, &more, 1) == 0;
    ::close(fd);
    if (!whole) return Error(ErrorCode::corrupt, "the key file `" + path + "` has not 32 bytes", "restore it: without it personal data cannot be read");
    return key;
  }
  if (errno != ENOENT) return failed("read");
  system_entropy()(key);
  fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failed("create");
  const bool good = ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!good) return failed("write");
  return key;
}

}  // namespace hotline::ticket
