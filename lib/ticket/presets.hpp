#pragma once

namespace hotline::ticket {

// The 12345 closed loop first; difficult questions, emergencies, agency services.
extern const char* const kWorkflows[4];
extern const char* const kChinaCalendar;
extern const char* const kStandardKpis;

}  // namespace hotline::ticket
