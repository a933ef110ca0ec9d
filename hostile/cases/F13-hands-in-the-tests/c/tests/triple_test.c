#include <tap.h>

TEST("three times two is six") {
}

TEST("three times nothing is nothing") {
}
