// A private PostgreSQL for a test: its own folder, only a unix socket, gone with the object. Where the server's
// programs are not installed `url()` is empty and `why()` says so: GTEST_SKIP() << server.why().
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace hotline::test {

class PrivatePostgres {
 public:
  PrivatePostgres() {
    programs_ = find_programs();
    if (programs_.empty()) {
      why_ = "PostgreSQL's initdb is not installed (package postgresql-15): not tried on PostgreSQL";
      return;
    }
    char name[] = "/tmp/hotline_pg_XXXXXX";
    if (mkdtemp(name) == nullptr) {
      why_ = "cannot make a folder for PostgreSQL";
      return;
    }
    folder_ = name;
    if (geteuid() == 0) as_user_ = "runuser -u nobody -- ";
    const std::string own = geteuid() == 0 ? "chown nobody " + folder_ + " && " : "";
    const std::string make = own + as_user_ + programs_ + "/initdb -D " + folder_ + "/data -U test -A trust --no-sync --locale=C.UTF-8 -E UTF8 > " +
                             "/dev/null 2>&1";
    if (std::system(make.c_str()) != 0 || !start()) {
      why_ = "PostgreSQL does not start in " + folder_;
      return;
    }
    ready_ = true;
  }
  ~PrivatePostgres() {
    if (folder_.empty()) return;
    if (ready_) stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PrivatePostgres(const PrivatePostgres&) = delete;

  // fsync is off: speed for tests, whose server is never cut from power. `settings`: more "-c name=value".
  bool start(const std::string& settings = "-c fsync=off -c full_page_writes=off") {
    const std::string command = as_user_ + programs_ + "/pg_ctl -D " + folder_ + "/data -w -s -l " + folder_ + "/log -o \"-k " + folder_ +
                                " -c listen_addresses='' -c max_connections=50 " + settings + "\" start > /dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  }
  void stop() {
    const std::string command = as_user_ + programs_ + "/pg_ctl -D " + folder_ + "/data -m immediate -s stop > /dev/null 2>&1";
    (void)!std::system(command.c_str());
  }

  // "" where there is no server. Every call names a new, empty database.
  std::string url() {
    if (!ready_) return {};
    const std::string name = "t" + std::to_string(++databases_);
    const std::string command = programs_ + "/createdb -h " + folder_ + " -U test " + name + " > /dev/null 2>&1";
    if (std::system(command.c_str()) != 0) return {};
    return "postgresql://test@/" + name + "?host=" + folder_;
  }
  const std::string& why() const { return why_; }

 private:
  static std::string find_programs() {
    std::error_code ignored;
    std::string best;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored))
      if (std::filesystem::exists(version.path() / "bin/initdb", ignored)) best = std::max(best, (version.path() / "bin").string());
    return best;
  }
  std::string programs_, folder_, as_user_, why_;
  bool ready_ = false;
  int databases_ = 0;
};

}  // namespace hotline::test
