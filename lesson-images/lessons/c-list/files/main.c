/* A place to try things: make && build/main */

#include <stdio.h>

#include "list.h"

static void print(const char *what, const struct list *list)
{
    printf("%-10s", what);
    for (const struct node *node = list->first; node != NULL; node = node->next)
        printf(" %d", node->value);
    printf("   (%zu)\n", list_length(list));
}

int main(void)
{
    struct list list = {NULL};

    list_push(&list, 8);
    list_push(&list, 3);
    list_append(&list, 5);
    print("built:", &list);
    list_remove(&list, 8);
    print("without 8:", &list);
    list_reverse(&list);
    print("reversed:", &list);
    list_free(&list);
    print("freed:", &list);
    return 0;
}
