#pragma once
// The common headers and GoogleTest.
#include "cmake/pch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
