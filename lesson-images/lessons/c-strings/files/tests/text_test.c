/* Each function with ordinary strings and with the empty one. */

#include <tap.h>

#include "text.h"

TEST("the length does not count the zero") {
    CHECK_INT(text_length("cat"), 3);
}

TEST("the empty string has length 0") {
    CHECK_INT(text_length(""), 0);
}

TEST("strings with the same characters are equal") {
    char a[] = "cat", b[] = "cat";
    CHECK_INT(text_equal(a, b), true);
}

TEST("strings that differ are not equal") {
    CHECK_INT(text_equal("cat", "cut"), false);
    CHECK_INT(text_equal("cat", "cats"), false);
}

TEST("a string that fits is copied whole") {
    char to[8] = "#######";
    CHECK_INT(text_copy(to, sizeof to, "cat"), 3);
    CHECK_STRING(to, "cat");
}

TEST("a string that does not fit is cut and still ends in zero") {
    char to[4];
    memset(to, '#', sizeof to);
    CHECK_INT(text_copy(to, sizeof to, "caterpillar"), 11);
    CHECK_INT(to[3], '\0');
    CHECK_STRING(to, "cat");
}

TEST("reversing turns a string around") {
    char text[] = "stressed";
    text_reverse(text);
    CHECK_STRING(text, "desserts");
}

TEST("reversing the empty string leaves it empty") {
    char text[] = "";
    text_reverse(text);
    CHECK_STRING(text, "");
}
