#include "text.h"

size_t text_length(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

bool text_equal(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] != '\0' && a[i] == b[i])
        i++;
    return a[i] == b[i];
}

size_t text_copy(char *to, size_t size, const char *from)
{
    size_t length = text_length(from);
    if (size == 0)
        return length;
    size_t fits = length < size ? length : size - 1;
    for (size_t i = 0; i < fits; i++)
        to[i] = from[i];
    to[fits] = '\0';
    return length;
}

void text_reverse(char *text)
{
    size_t front = 0, back = text_length(text);
    while (front + 1 < back) {
        char kept = text[front];
        text[front++] = text[--back];
        text[back] = kept;
    }
}
