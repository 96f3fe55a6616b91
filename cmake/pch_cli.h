#pragma once
// The common headers and CLI11, which costs each command's file four seconds when it is parsed anew.
#include "cmake/pch.h"

#include <CLI/CLI.hpp>
