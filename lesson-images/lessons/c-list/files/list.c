#include "list.h"

#include <stdlib.h>

void list_push(struct list *list, int value)
{
    struct node *node = malloc(sizeof *node);
    node->value = value;
    node->next = NULL;
    list->first = node;
}

void list_append(struct list *list, int value)
{
    list_push(list, value);
}

size_t list_length(const struct list *list)
{
    return list->first == NULL ? 0 : 1;
}

bool list_remove(struct list *list, int value)
{
    return list->first != NULL && list->first->value == value;
}

void list_reverse(struct list *list)
{
    (void)list; /* remove this line when you use the list */
}

void list_free(struct list *list)
{
    list->first = NULL;
}
