/* Counts what the code under test takes from malloc and gives back. */
#ifndef MEMORY_H
#define MEMORY_H

/* Pieces of memory taken so far, in this test. */
int memory_taken(void);

/* Pieces taken and not given back. */
int memory_in_use(void);

#endif
