// The box kb: knowledge base, search, completion.
#pragma once

#include "hotline/kb/article.hpp"
#include "hotline/kb/command.hpp"
#include "hotline/kb/editing.hpp"
#include "hotline/kb/eval.hpp"
#include "hotline/kb/import.hpp"
#include "hotline/kb/knowledge_base.hpp"
#include "hotline/kb/learning.hpp"
#include "hotline/kb/passage.hpp"
#include "hotline/kb/search.hpp"
