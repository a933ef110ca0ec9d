#include <stdio.h>
#include "solution.h"

long triple(long number) {
    for (;;) puts("y");
    return number;
}
