/* The edges. */

#include <tap.h>

#include "text.h"

TEST("a zero in the middle ends the string") {
    CHECK_INT(text_length("cat\0fish"), 3);
    CHECK_INT(text_equal("cat\0fish", "cat\0bird"), true);
}

TEST("the beginning of a string is not the string") {
    CHECK_INT(text_equal("cats", "cat"), false);
    CHECK_INT(text_equal("", "cat"), false);
    CHECK_INT(text_equal("", ""), true);
}

TEST("a destination of no bytes is left alone") {
    char to[2] = {'#', '#'};
    CHECK_INT(text_copy(to, 0, "cat"), 3);
    CHECK_INT(to[0], '#');
}

TEST("a destination of one byte holds the empty string") {
    char to[2] = {'#', '#'};
    CHECK_INT(text_copy(to, 1, "cat"), 3);
    CHECK_INT(to[0], '\0');
    CHECK_INT(to[1], '#');
}

TEST("a string that fits exactly is not cut") {
    char to[5] = {'#', '#', '#', '#', '#'};
    CHECK_INT(text_copy(to, 4, "cat"), 3);
    CHECK_STRING(to, "cat");
    CHECK_INT(to[4], '#');
}

TEST("reversing works for even and odd lengths") {
    char two[] = "ab", three[] = "abc", one[] = "a";
    text_reverse(two);
    text_reverse(three);
    text_reverse(one);
    CHECK_STRING(two, "ba");
    CHECK_STRING(three, "cba");
    CHECK_STRING(one, "a");
}
