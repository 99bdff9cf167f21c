#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "hotline/ticket/service.hpp"
#include "ticket/vault.hpp"

namespace hotline::ticket {
namespace {

Error failed(const std::string& what, const std::string& path) {
  return Error(ErrorCode::io, "cannot " + what + " `" + path + "`: " + std::strerror(errno), "check the folder, its permissions and the free space");
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Status write_synced(const std::string& path, std::string_view bytes) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)};
  if (file.fd < 0) return failed("create", path);
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(file.fd) != 0) return failed("sync", path);
  return {};
}

Status sync_folder(const std::string& path) {
  const Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd < 0 || ::fsync(folder.fd) != 0) return failed("sync", path);
  return {};
}

Result<std::string> read_all(const std::string& path) {
  std::error_code none;
  if (!std::filesystem::exists(path, none)) return Error(ErrorCode::not_found, "there is no file `" + path + "`", "check its name");
  return read_file(path);
}

constexpr std::string_view kSealed = "hotline sealed file 1\n";

// The mark, the length of the wrapped key in one byte, the wrapped key, the sealed bytes.
std::string sealed(const MasterKey& key, std::string_view bytes) {
  const Vault vault(key, {}, {});
  const DataKey own = vault.new_key();
  const std::string box = vault.wrap(own);
  return std::string(kSealed) + static_cast<char>(box.size()) + box + vault.seal(own, bytes, kSealed);
}

Result<std::string> opened(const MasterKey& key, std::string_view file) {
  const Vault vault(key, {}, {});
  file.remove_prefix(kSealed.size());
  const std::size_t size = file.empty() ? 0 : static_cast<unsigned char>(file.front());
  if (file.size() <= size) return Error(ErrorCode::corrupt, "a sealed file is cut off", "restore it from a backup");
  HOTLINE_ASSIGN(const DataKey own, vault.unwrap(file.substr(1, size)));
  return vault.open(own, file.substr(1 + size), kSealed);
}

}  // namespace

Result<Files> Files::open(const std::string& folder, const std::optional<MasterKey>& key) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error(ErrorCode::io, "cannot make the folder `" + folder + "`: " + error.message(), "check its parent and its permissions");
  return Files(folder, key);
}

std::string Files::path_of(std::string_view hash) const {
  return folder_ + "/" + std::string(hash.substr(0, 2)) + "/" + std::string(hash);
}

Result<Attachment> Files::put(std::string_view bytes, std::string kind, std::string name, std::string media_type) const {
  const std::string hash = to_hex(sha256(bytes));
  const std::string path = path_of(hash), parent = path.substr(0, path.rfind('/'));
  if (!std::filesystem::exists(path)) {
    std::error_code error;
    std::filesystem::create_directories(parent, error);
    // Two threads that keep the same bytes must not share the file aside.
    static std::atomic<unsigned> counter{0};
    const std::string aside = path + ".part" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
    HOTLINE_TRY(write_synced(aside, key_ ? sealed(*key_, bytes) : std::string(bytes)));
    if (::rename(aside.c_str(), path.c_str()) != 0) return failed("name", path);
    HOTLINE_TRY(sync_folder(parent));
    HOTLINE_TRY(sync_folder(folder_));
  }
  return Attachment{std::move(kind), hash, std::move(name), std::move(media_type), bytes.size()};
}

Result<Attachment> Files::put_file(const std::string& path, std::string kind, std::string media_type) const {
  HOTLINE_ASSIGN(const std::string bytes, read_all(path));
  return put(bytes, std::move(kind), path.substr(path.rfind('/') + 1), std::move(media_type));
}

Result<std::string> Files::get(std::string_view hash) const {
  if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != hash.npos)
    return Error(ErrorCode::invalid_argument, "`" + std::string(hash) + "` is no SHA-256", "give 64 lower-case hexadecimal digits");
  HOTLINE_ASSIGN(std::string bytes, read_all(path_of(hash)));
  if (bytes.starts_with(kSealed)) {
    if (!key_) return Error(ErrorCode::denied, "the file `" + path_of(hash) + "` is sealed", "open the folder with its key");
    HOTLINE_ASSIGN(bytes, opened(*key_, bytes));
  }
  if (to_hex(sha256(bytes)) != hash) return Error(ErrorCode::corrupt, "the file `" + path_of(hash) + "` was changed", "restore it from a backup");
  return bytes;
}

}  // namespace hotline::ticket
