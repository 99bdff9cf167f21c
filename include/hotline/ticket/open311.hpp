// Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): services, their definitions, requests and tokens, in XML and JSON.
//
// Open311 answers one request and knows nothing of sockets; Open311Server listens on the loopback interface with an HTTP library
// that is not ours, to be put behind the city's own web server. A request posted is an intake by the channel `web`, whose category
// is the service's; only tickets without secrecy are shown, and of those no person.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

struct Open311Attribute {
  std::string code, description, datatype = "string";  // string, number, datetime, text, singlevaluelist, multivaluelist
  bool required = false;
  std::vector<std::pair<std::string, std::string>> values;  // key, name: of lists
};

struct Open311Type {
  std::string code, name, description, group;
  std::vector<std::string> keywords;
  std::string category;  // of the ticket; the code where it is empty
  std::vector<Open311Attribute> attributes;
};

//   jurisdiction: qingdao.gov.cn        # where it is given, requests must name it
//   keys: [demo]                        # who may post; without keys nobody may
//   updates: true                       # also FixMyStreet's servicerequestupdates
//   services:
//     - {code: light, name: 路灯 Street light, keywords: [dark], attributes: [{code: POLE, description: Number, required: true}]}
struct Open311Options {
  std::string jurisdiction;
  std::vector<std::string> keys;
  std::vector<Open311Type> services;
  std::string kind = "complaint";
  bool updates = false;  // FixMyStreet's extension: GET and POST servicerequestupdates
  // Errors: invalid_document, invalid_definition.
  static Result<Open311Options> parse(std::string_view text, std::string_view file);
};

struct HttpRequest {
  std::string method = "GET";
  std::string path;                          // "/services.json", without the query
  std::multimap<std::string, std::string> parameters;  // of the query and of a form
};
struct HttpAnswer {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body;
};

// Synchronised: any thread.
class Open311 {
 public:
  Open311(Service service, Open311Options options) : service_(std::move(service)), options_(std::move(options)) {}
  // Errors are answers too: 400 what is wrong, 403 the key, 404 no such thing, 405, 500; with a list of errors as GeoReport has it.
  HttpAnswer answer(const HttpRequest& request, Time now);

 private:
  Service service_;
  Open311Options options_;
};

// Listens on 127.0.0.1 with threads of its own. Synchronised.
class Open311Server {
 public:
  // Port 0: any that is free. `clock` tells the time; empty is the system's. Errors: unavailable (the port), unsupported (built
  // without cpp-httplib).
  static Result<Open311Server> start(Service service, Open311Options options, int port, std::function<Time()> clock = {});
  int port() const;
  void stop();

  Open311Server(Open311Server&&) noexcept;
  Open311Server& operator=(Open311Server&&) noexcept;
  ~Open311Server();

 private:
  struct Impl;
  explicit Open311Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hotline::ticket
