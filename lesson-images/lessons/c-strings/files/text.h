/* The string functions of this lesson. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Characters before the zero. */
size_t text_length(const char *text);

/* Whether both hold the same characters. */
bool text_equal(const char *a, const char *b);

/* Copies as much of `from` as fits into `size` bytes, always ended by a zero unless `size` is 0. Returns the length of `from`. */
size_t text_copy(char *to, size_t size, const char *from);

/* Turns the string around in place. */
void text_reverse(char *text);

#endif
