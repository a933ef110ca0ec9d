/* Each function on short lists. */

#include <tap.h>

#include "list.h"
#include "memory.h"

/* The list as a text such as "3 8 5", for comparing. */
static const char *text(const struct list *list)
{
    static char buffer[256];
    size_t used = 0;
    buffer[0] = '\0';
    for (const struct node *node = list->first; node != NULL && used < sizeof buffer - 16; node = node->next)
        used += snprintf(buffer + used, sizeof buffer - used, used == 0 ? "%d" : " %d", node->value);
    return buffer;
}

TEST("push puts values in front") {
    struct list list = {NULL};
    list_push(&list, 5);
    list_push(&list, 8);
    list_push(&list, 3);
    CHECK_STRING(text(&list), "3 8 5");
}

TEST("append puts values behind") {
    struct list list = {NULL};
    list_append(&list, 3);
    list_append(&list, 8);
    list_append(&list, 5);
    CHECK_STRING(text(&list), "3 8 5");
}

TEST("the length counts the nodes") {
    struct list list = {NULL};
    CHECK_INT(list_length(&list), 0);
    list_push(&list, 5);
    list_push(&list, 5);
    CHECK_INT(list_length(&list), 2);
}

TEST("remove takes out the first node with the value") {
    struct list list = {NULL};
    list_push(&list, 8);
    list_push(&list, 5);
    list_push(&list, 8);
    CHECK_INT(list_remove(&list, 8), true);
    CHECK_STRING(text(&list), "5 8");
}

TEST("remove says when there is nothing to remove") {
    struct list list = {NULL};
    list_push(&list, 5);
    CHECK_INT(list_remove(&list, 8), false);
    CHECK_STRING(text(&list), "5");
}

TEST("remove gives the node back") {
    struct list list = {NULL};
    list_push(&list, 5);
    list_push(&list, 8);
    list_remove(&list, 8);
    CHECK_INT(memory_in_use(), 1);
}

TEST("reverse turns the order around") {
    struct list list = {NULL};
    list_push(&list, 5);
    list_push(&list, 8);
    list_push(&list, 3);
    list_reverse(&list);
    CHECK_STRING(text(&list), "5 8 3");
}

TEST("free gives every node back and leaves an empty list") {
    struct list list = {NULL};
    list_push(&list, 5);
    list_push(&list, 8);
    list_push(&list, 3);
    list_free(&list);
    CHECK_INT(memory_in_use(), 0);
    CHECK_NULL(list.first);
}
