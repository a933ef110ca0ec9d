/* A linked list of numbers. A new one is: struct list list = {NULL}; */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>

struct node {
    int value;
    struct node *next; /* NULL in the last node */
};

struct list {
    struct node *first; /* NULL when the list is empty */
};

/* Puts `value` in front of all others. */
void list_push(struct list *list, int value);

/* Puts `value` behind all others. */
void list_append(struct list *list, int value);

/* How many values there are. */
size_t list_length(const struct list *list);

/* Takes out and frees the first node with `value`; says whether there was one. */
bool list_remove(struct list *list, int value);

/* Turns the order around, without allocating or freeing. */
void list_reverse(struct list *list);

/* Frees every node; the list is empty afterwards and may be used again. */
void list_free(struct list *list);

#endif
