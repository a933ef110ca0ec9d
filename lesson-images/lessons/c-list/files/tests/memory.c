#include "memory.h"

#include <stdlib.h>

static int taken, returned;

/* With --wrap, calls of malloc arrive at __wrap_malloc, and __real_malloc is the one of the C library. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *memory);

void *__wrap_malloc(size_t size)
{
    taken++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    taken++;
    return __real_calloc(count, size);
}

void __wrap_free(void *memory)
{
    returned += memory != NULL;
    __real_free(memory);
}

int memory_taken(void)
{
    return taken;
}

int memory_in_use(void)
{
    return taken - returned;
}
