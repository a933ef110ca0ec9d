#include "list.h"

#include <stdlib.h>

static struct node *new_node(int value, struct node *next)
{
    struct node *node = malloc(sizeof *node);
    node->value = value;
    node->next = next;
    return node;
}

void list_push(struct list *list, int value)
{
    list->first = new_node(value, list->first);
}

void list_append(struct list *list, int value)
{
    struct node **arrow = &list->first;
    while (*arrow != NULL)
        arrow = &(*arrow)->next;
    *arrow = new_node(value, NULL);
}

size_t list_length(const struct list *list)
{
    size_t length = 0;
    for (const struct node *node = list->first; node != NULL; node = node->next)
        length++;
    return length;
}

bool list_remove(struct list *list, int value)
{
    for (struct node **arrow = &list->first; *arrow != NULL; arrow = &(*arrow)->next) {
        struct node *node = *arrow;
        if (node->value == value) {
            *arrow = node->next;
            free(node);
            return true;
        }
    }
    return false;
}

void list_reverse(struct list *list)
{
    struct node *reversed = NULL;
    while (list->first != NULL) {
        struct node *node = list->first;
        list->first = node->next;
        node->next = reversed;
        reversed = node;
    }
    list->first = reversed;
}

void list_free(struct list *list)
{
    while (list->first != NULL) {
        struct node *node = list->first;
        list->first = node->next;
        free(node);
    }
}
