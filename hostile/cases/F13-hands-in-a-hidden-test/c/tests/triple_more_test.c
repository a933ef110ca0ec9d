#include <tap.h>

TEST("three times a thousand is three thousand") {
}
