// Call logs and counts as CSV files of any shape: a map says which column is what.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/wfm/forecast.hpp"

namespace hotline::wfm {

// What we read -> the file's column. Names of ours: time, queue_time, service, priority, wait, handling, ivr, outcome,
// agent, count, seconds. Empty: by the usual names (arrival_ts, service_type, wait_s, ..., as the header has them).
using ColumnMap = std::map<std::string, std::string>;
// "time=arrival_ts,handling=service_s". Errors: invalid_argument.
Result<ColumnMap> parse_columns(std::string_view text);

struct LoggedCall {
  std::int32_t day = 0;
  double second = 0;        // of arrival, since midnight, local
  double queued = 0;        // seconds from arrival to the queue
  double wait = 0;
  double handling = 0;
  std::int32_t priority = 0;
  bool answered = false;    // by an agent
  bool waited = false;      // entered the queue
  std::string service, agent;
};
struct CallLog {
  std::vector<LoggedCall> calls;   // by arrival
  std::vector<std::string> notes;  // rows left out, and why
};

// Errors: invalid_document with the line; not_found where a column is missing.
Result<CallLog> read_calls(std::string_view csv, std::string_view file, const ColumnMap& columns = {});
// Rows of one interval each (missing intervals are unknown), or one call each (then counted by `interval_s`).
Result<Series> read_counts(std::string_view csv, std::string_view file, const ColumnMap& columns = {}, double interval_s = 1800);
// Lines of name,day[,value] (value 1 where it is left out): holidays, campaigns. Errors: invalid_document with the line.
Result<std::vector<Regressor>> read_regressors(std::string_view csv, std::string_view file);
// Sums up to a longer interval. Errors: invalid_argument.
Result<Series> coarser(const Series& series, double interval_s);

}  // namespace hotline::wfm
