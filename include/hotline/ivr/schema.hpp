// What a flow may say, made from the table that the loader itself reads by.
#pragma once

#include <string>

namespace hotline::ivr {

// JSON Schema 2020-12 of flow files (schemas/flow.schema.json is this text).
std::string flow_schema();
// The same as a page for people, in Markdown: every node, every field, its default.
std::string flow_reference();

}  // namespace hotline::ivr
