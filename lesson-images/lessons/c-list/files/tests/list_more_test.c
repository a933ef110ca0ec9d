/* The corners. */

#include <tap.h>

#include "list.h"
#include "memory.h"

static void fill(struct list *list, int count)
{
    for (int value = count; value > 0; value--)
        list_push(list, value);
}

TEST("each value has one node of its own") {
    struct list list = {NULL};
    fill(&list, 10);
    list_append(&list, 11);
    CHECK_INT(memory_taken(), 11);
    CHECK_INT(list_length(&list), 11);
}

TEST("remove works at the front, in the middle and at the end") {
    struct list list = {NULL};
    fill(&list, 5);
    CHECK_INT(list_remove(&list, 1), true);
    CHECK_INT(list_remove(&list, 3), true);
    CHECK_INT(list_remove(&list, 5), true);
    CHECK_INT(list_length(&list), 2);
    CHECK_INT(list.first->value, 2);
    CHECK_INT(list.first->next->value, 4);
    CHECK_NULL(list.first->next->next);
}

TEST("removing the only node leaves an empty list") {
    struct list list = {NULL};
    list_append(&list, 7);
    CHECK_INT(list_remove(&list, 7), true);
    CHECK_NULL(list.first);
    CHECK_INT(list_remove(&list, 7), false);
}

TEST("reverse copes with no node and with one") {
    struct list list = {NULL};
    list_reverse(&list);
    CHECK_NULL(list.first);
    list_push(&list, 7);
    list_reverse(&list);
    CHECK_INT(list.first->value, 7);
    CHECK_NULL(list.first->next);
}

TEST("reverse moves the nodes it is given") {
    struct list list = {NULL};
    fill(&list, 100);
    struct node *first = list.first;
    list_reverse(&list);
    CHECK_INT(memory_taken(), 100);
    CHECK_INT(memory_in_use(), 100);
    CHECK_INT(list.first->value, 100);
    CHECK_NULL(first->next);
}

TEST("a freed list may be used again") {
    struct list list = {NULL};
    fill(&list, 3);
    list_free(&list);
    list_free(&list);
    list_append(&list, 9);
    CHECK_INT(list_length(&list), 1);
    CHECK_INT(list.first->value, 9);
    list_free(&list);
    CHECK_INT(memory_in_use(), 0);
}
