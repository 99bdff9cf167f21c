// A JSON object by one call.
#pragma once

#include "hotline/base/json.hpp"

namespace hotline {

// The text of an object with the fields that `fill(JsonWriter&)` writes.
template <class Fill>
std::string json_object(Fill&& fill) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  fill(json);
  json.end_object();
  return out;
}

}  // namespace hotline
