#ifndef HOTLINE_POSTGRES
#include "store/connection.hpp"

namespace hotline::store {
Result<std::unique_ptr<Connection>> open_postgres(const std::string&, Begin, const Options&) {
  return Error(ErrorCode::unsupported, "this build of hotline knows no PostgreSQL", "install libpq-dev and build again, or use SQLite");
}
}  // namespace hotline::store
#endif
