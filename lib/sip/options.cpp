#include "hotline/sip/endpoint.hpp"

namespace hotline::sip {
namespace {

void read_ports(Fields& fields, EndpointOptions& options) {
  const Node* range = fields.get("rtp_ports");
  if (range == nullptr) return;
  const auto items = range->items();
  const auto low = items.size() == 2 ? items[0].as_int() : std::nullopt, high = items.size() == 2 ? items[1].as_int() : std::nullopt;
  if (!low || !high || *low < 1024 || *high > 65535 || *high - *low < 2)
    return fields.complain(*range, "D005", "`rtp_ports` is not a range of ports", "write [first, last], as [20000, 29999]");
  options.first_rtp_port = static_cast<std::uint16_t>(*low);
  options.last_rtp_port = static_cast<std::uint16_t>(*high);
}

void read_codecs(Fields& fields, EndpointOptions& options) {
  const Node* node = fields.get("codecs");
  if (node == nullptr) return;
  options.laws.clear();
  for (const std::string& name : fields.strings("codecs")) {
    if (name == "pcma") options.laws.push_back(audio::Law::a);
    else if (name == "pcmu") options.laws.push_back(audio::Law::mu);
    else fields.complain(*node, "D005", "`" + name + "` is not a codec of ours", "write pcma or pcmu");
  }
  if (options.laws.empty()) fields.complain(*node, "D005", "no codec is named", "write pcma, pcmu or both");
}

void read_users(Fields& fields, EndpointOptions& options) {
  const Node* users = fields.get("users");
  if (users == nullptr) return;
  if (!users->is_mapping()) return fields.complain(*users, "D003", "`users` is not a mapping", "write {name: password}");
  for (const Node::Entry& user : users->entries()) options.users[user.key.text()] = user.value.text();
}

}  // namespace

Result<EndpointOptions> read_endpoint_options(const Node& node, std::string_view file) {
  Diagnostics diagnostics{std::string(file)};
  EndpointOptions options;
  if (!node.is_mapping())
    return Error(ErrorCode::invalid_definition, "an endpoint's options are not a mapping", "write {port: 5060}", node.place(file));
  Fields fields(node, diagnostics, "the endpoint");
  options.address = fields.string("address", options.address);
  options.port = static_cast<std::uint16_t>(fields.integer("port", options.port, 0, 65535));
  read_ports(fields, options);
  read_codecs(fields, options);
  options.silent_line = fields.duration("silent_line", options.silent_line);
  options.jitter = fields.duration("jitter", options.jitter);
  options.max_calls = static_cast<std::size_t>(fields.integer("max_calls", static_cast<std::int64_t>(options.max_calls), 1, 100'000));
  options.user_agent = fields.string("user_agent", options.user_agent);
  read_users(fields, options);
  options.realm = fields.string("realm", options.realm);
  options.gateway = fields.string("gateway");
  options.gateway_user = fields.string("gateway_user");
  options.gateway_password = fields.string("gateway_password");
  options.gateway_register = fields.boolean("gateway_register", false);
  if (options.gateway_register && (options.gateway.empty() || options.gateway_user.empty()))
    fields.complain(*fields.get("gateway_register"), "D004", "nobody can register without `gateway` and `gateway_user`", "name both");
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  return options;
}

}  // namespace hotline::sip
