/* hotline: the C ABI. This header gathers one header a box; each explains itself.
 *
 * Rules (docs/conventions.md has the reasons):
 *  - Every fallible function returns hl_status: 0, or a code whose low byte is the class. Results come
 *    through out-parameters, which are set to NULL or 0 on failure.
 *  - The last parameter of a fallible function is `hl_error **error`, which may be NULL. Where a function
 *    fails and `error` is not NULL, *error is a new object that the caller frees with hl_error_free.
 *  - Handles are opaque, one owner each, freed by hl_<type>_free, which takes NULL. Free them in any order.
 *  - Texts go in as UTF-8 `const char *` with an explicit length where bytes are meant; a text that comes out
 *    as `hl_text *` is owned by the caller, one that comes out as `const char *` lives as long as its handle.
 *  - Times are int64_t nanoseconds since 1970-01-01T00:00:00Z, durations int64_t nanoseconds.
 *  - A handle may be used by one thread at a time unless its header says otherwise.
 */
#ifndef HOTLINE_H
#define HOTLINE_H

#include "hotline/base.h"
/* boxes */
#include "hotline/host.h"
#include "hotline/ivr.h"
#include "hotline/sim.h"
#include "hotline/wfm.h"
#include "hotline/ticket.h"
#include "hotline/kb.h"
#include "hotline/audio.h"
#include "hotline/expr.h"
#include "hotline/sip.h"
#include "hotline/workflow.h"
#include "hotline/acd.h"

#endif
