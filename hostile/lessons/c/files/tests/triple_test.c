#include <tap.h>

#include "solution.h"

TEST("three times two is six") {
    CHECK_INT(triple(2), 6);
}

TEST("three times nothing is nothing") {
    CHECK_INT(triple(0), 0);
}
