#include "text.h"

size_t text_length(const char *text)
{
    (void)text; /* tells the compiler that not using it is no oversight; remove this line */
    return 0;
}

bool text_equal(const char *a, const char *b)
{
    return a == b;
}

size_t text_copy(char *to, size_t size, const char *from)
{
    size_t i = 0;
    for (; i < size && from[i] != '\0'; i++)
        to[i] = from[i];
    return i;
}

void text_reverse(char *text)
{
    (void)text;
}
