/* @HIDDEN_MARKER@ */
#include <tap.h>

#include "solution.h"

TEST("three times a thousand is three thousand") {
    CHECK_STRING(triple(1000) == 3000 ? "" : "@HIDDEN_MARKER@", "");
}
