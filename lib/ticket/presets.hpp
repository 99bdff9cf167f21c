#pragma once

namespace hotline::ticket {

extern const char* const kCityWorkflow;
extern const char* const kChinaCalendar;
extern const char* const kStandardKpis;

}  // namespace hotline::ticket
