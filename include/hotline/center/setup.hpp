// A centre as data: which flow answers which number, who works there, who handles what.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline::center {

// A name in the languages of the house.
struct Name {
  std::string zh;
  std::string en;
};

// An agent as the routing file knows it (`id`), with a face and a telephone.
struct Person {
  std::string id;
  Name name;
  std::string number;  // what callers hear: "agent 801 is at your service"
  std::string phone;   // where it rings: "sip:801@127.0.0.1:5081"
};

struct Setup {
  std::string data;                          // folder of the definitions; paths below are relative to it
  Name name;                                 // of the city
  std::string caller_id;                     // what citizens see when the centre calls
  std::map<std::string, std::string> flows;  // dialled number -> flow
  std::map<std::string, std::string> extensions;  // name in the flows -> address
  std::string reply_flow;                    // called to tell a reply
  std::string visit_flow;                    // called for the return visit
  std::string bindings;                      // of the flows
  std::string routing;
  std::vector<std::string> workflows;        // a ticket runs by the one of the name of its kind, or the first
  std::string calendar;
  std::string catalogue;                     // who is responsible for what
  std::string sites;                         // other hotlines to exchange cases with (ticket/sites.hpp)
  std::string open311;                       // services for the web (ticket/open311.hpp)
  std::string knowledge;                     // folder of articles
  std::string jurisdiction;                  // code of the city
  std::vector<Person> agents;

  const Person* find(std::string_view agent) const;
  std::string path(const std::string& relative) const { return data + "/" + relative; }
};

// Reads DATA/city.yaml. Errors: io, invalid_document, invalid_definition.
Result<Setup> load_setup(const std::string& data);

// Ten in the morning of the first working day after `now`'s, by the city's calendar: where a demonstration's clock
// begins. Errors: those of the calendar; not_found where it knows no working morning within a year.
Result<Time> next_office_morning(const Setup& setup, Time now);

}  // namespace hotline::center
