#include <tap.h>

TEST("three times two is six") {
}

TEST("three times nothing is nothing") {
}

TEST("three times a thousand is three thousand") {
}
