#include "engine/pipeline/recommender.h"

#include <gtest/gtest.h>
TEST(A,b){}
