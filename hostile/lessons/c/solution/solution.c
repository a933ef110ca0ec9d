/* @SOLUTION_MARKER@ */
#include "solution.h"

long triple(long number) {
    return 3 * number;
}
