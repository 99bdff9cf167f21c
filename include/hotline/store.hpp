// hotline::store: SQLite and PostgreSQL behind one small interface.
#pragma once
#include "hotline/store/database.hpp"
#include "hotline/store/value.hpp"
