#ifdef HOTLINE_HTTP
#include <httplib.h>

#include <thread>

#include "hotline/ticket/open311.hpp"

namespace hotline::ticket {

struct Open311Server::Impl {
  Impl(Service service, Open311Options options, std::function<Time()> c) : adapter(std::move(service), std::move(options)), clock(std::move(c)) {}
  Open311 adapter;
  std::function<Time()> clock;
  httplib::Server server;
  std::thread thread;
  int port = 0;

  void answer(const httplib::Request& in, httplib::Response& out) {
    HttpRequest request{in.method, in.path, {}};
    for (const auto& [name, value] : in.params) request.parameters.emplace(name, value);
    for (const auto& [name, file] : in.files) request.parameters.emplace(name, file.content);
    HttpAnswer made = adapter.answer(request, clock());
    out.status = made.status;
    out.set_content(std::move(made.body), made.type);
  }
};

Result<Open311Server> Open311Server::start(Service service, Open311Options options, int port, std::function<Time()> clock) {
  if (!clock) clock = [] { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); };
  auto impl = std::make_unique<Impl>(std::move(service), std::move(options), std::move(clock));
  Impl* const self = impl.get();
  const auto answer = [self](const httplib::Request& in, httplib::Response& out) { self->answer(in, out); };
  auto& server = impl->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(4); };
  server.set_payload_max_length(1 << 20);
  server.set_read_timeout(10, 0);
  server.Get(".*", answer).Post(".*", answer).Put(".*", answer).Delete(".*", answer);
  impl->port = port == 0 ? server.bind_to_any_port("127.0.0.1") : server.bind_to_port("127.0.0.1", port) ? port : -1;
  if (impl->port <= 0) return Error(ErrorCode::unavailable, "cannot listen on port " + std::to_string(port), "choose another, or 0 for any");
  impl->thread = std::thread([self] { self->server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
  return Open311Server(std::move(impl));
}

int Open311Server::port() const { return impl_->port; }

void Open311Server::stop() {
  if (!impl_ || !impl_->thread.joinable()) return;
  impl_->server.stop();
  impl_->thread.join();
}

Open311Server::Open311Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Open311Server::Open311Server(Open311Server&&) noexcept = default;
Open311Server& Open311Server::operator=(Open311Server&& other) noexcept {
  stop();
  impl_ = std::move(other.impl_);
  return *this;
}
Open311Server::~Open311Server() { stop(); }

}  // namespace hotline::ticket
#else
#include "hotline/ticket/open311.hpp"

namespace hotline::ticket {
struct Open311Server::Impl {};
Result<Open311Server> Open311Server::start(Service, Open311Options, int, std::function<Time()>) {
  return Error(ErrorCode::unsupported, "this build has no HTTP server", "install libcpp-httplib-dev and build again");
}
int Open311Server::port() const { return 0; }
void Open311Server::stop() {}
Open311Server::Open311Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Open311Server::Open311Server(Open311Server&&) noexcept = default;
Open311Server& Open311Server::operator=(Open311Server&&) noexcept = default;
Open311Server::~Open311Server() = default;
}  // namespace hotline::ticket
#endif
