// What validation can complain of: one table for the reference, for tests and for editors.
#include "hotline/ivr/schema.hpp"

namespace hotline::ivr {
namespace {

constexpr DiagnosticKind kKinds[] = {
    {"V100", Severity::error, "the file is no flow of format version 1, or a sub-flow cannot be read"},
    {"V101", Severity::error, "a node has no type, or an unknown one"},
    {"V102", Severity::error, "an id has a meaning of its own, or was given twice"},
    {"V103", Severity::error, "an exit leads to a node that does not exist"},
    {"V104", Severity::error, "an exit leads nowhere"},
    {"V105", Severity::error, "the flow or a sub-flow does not say where it starts"},
    {"V106", Severity::error, "a node is never reached"},
    {"V107", Severity::error, "from a node no caller ever reaches an agent or the end of the call"},
    {"V108", Severity::error, "nodes go round without the caller, a wait or a counter having a say"},
    {"V109", Severity::error, "a sub-flow runs itself"},
    {"V110", Severity::error, "a sub-flow's parameters, returns or exits do not fit the node that runs it"},
    {"V111", Severity::error, "two choices match the same keys"},
    {"V112", Severity::error, "a choice can never be taken: others match all of it"},
    {"V113", Severity::error, "a choice hides the key for an agent"},
    {"V114", Severity::error, "nothing can be chosen, or a poll has no question or no answer"},
    {"V115", Severity::error, "fewest digits exceed most digits"},
    {"V116", Severity::error, "the pattern needs more digits than may be keyed"},
    {"V117", Severity::error, "a prompt is missing, or a menu says nothing"},
    {"V118", Severity::error, "a prompt has no text in one of the languages, or a language is not the flow's"},
    {"V119", Severity::error, "a recording does not exist"},
    {"V120", Severity::error, "a recording is not sound that telephones play"},
    {"V121", Severity::error, "a value cannot be said that way"},
    {"V122", Severity::error, "a variable is read that nothing sets"},
    {"V123", Severity::error, "an expression is wrong"},
    {"V124", Severity::error, "a pattern or regular expression is wrong or too large"},
    {"V125", Severity::error, "a case always holds, never holds, or stands twice"},
    {"V126", Severity::error, "a calendar is missing or wrong"},
    {"V127", Severity::error, "a name is not in the bindings, or nobody is named"},
    {"V128", Severity::error, "it is not said what follows when the attempts are used up"},
    {"V129", Severity::error, "a secret would be told or is written in clear text"},
    {"V130", Severity::error, "a transfer leads back to this hotline"},
    {"V131", Severity::error, "a variable is not declared, or wrongly"},
    {"V132", Severity::error, "a node needs a caller but is reached after the hang-up"},
    {"V133", Severity::error, "a calendar never opens"},
    {"V134", Severity::error, "shares are not 100 % together"},
    {"V151", Severity::warning, "a menu has more than five choices"},
    {"V152", Severity::warning, "callers listen for more than 20 s before the first choice"},
    {"V153", Severity::warning, "a menu has no key for an agent"},
    {"V154", Severity::warning, "a menu is the fifth or later in a row"},
    {"V155", Severity::warning, "an agent is more than 120 s away, for who listens to everything or for who presses nothing"},
    {"V156", Severity::warning, "two menus do the same, with all that follows"},
    {"V157", Severity::warning, "more than 15 s are spoken that cannot be interrupted"},
    {"V158", Severity::warning, "a choice is not said"},
    {"V159", Severity::warning, "a choice is said but not taken"},
    {"V160", Severity::warning, "silence and wrong entries are answered by the same words"},
    {"V161", Severity::warning, "after all digits the terminator is still waited for"},
    {"V162", Severity::warning, "a recording is kept without a review"},
    {"V163", Severity::warning, "the caller hears nothing while data are looked up"},
    {"V164", Severity::warning, "a language can be chosen but is not fully translated, or prompts are of no language of the flow"},
    {"V165", Severity::warning, "a prompt is never said"},
    {"V166", Severity::warning, "a variable is never read"},
    {"V167", Severity::warning, "the first digit is waited for less than the next ones"},
    {"V168", Severity::warning, "the flow was not revised for a year"},
    {"V169", Severity::warning, "a longer choice begins like a shorter one: callers of the shorter wait"},
    {"V170", Severity::warning, "an exit of a schedule can never be taken"},
    {"V171", Severity::warning, "`allow` gives no reason"},
    {"V172", Severity::warning, "a variable is read that is not set on every path"},
    {"V173", Severity::warning, "the calendar does not know this year's holidays"},
};

}  // namespace

std::span<const DiagnosticKind> diagnostic_kinds() { return kKinds; }

}  // namespace hotline::ivr
