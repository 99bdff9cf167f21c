// SIP: everything of hotline::sip. docs/sip.md.
#pragma once

#include "hotline/sip/endpoint.hpp"
