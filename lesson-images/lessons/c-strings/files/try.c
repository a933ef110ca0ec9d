/* A place to try things: make && build/try "some text" */

#include <stdio.h>

#include "text.h"

int main(int argc, char **argv)
{
    char copy[16] = "";

    if (argc != 2) {
        printf("usage: %s TEXT\n", argv[0]);
        return 1;
    }
    if (text_copy(copy, sizeof copy, argv[1]) >= sizeof copy)
        printf("(cut off)\n");
    printf("%zu characters: %s\n", text_length(copy), copy);
    text_reverse(copy);
    printf("backwards: %s\n", copy);
    return 0;
}
