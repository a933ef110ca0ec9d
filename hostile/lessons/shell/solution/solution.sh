#!/bin/bash
# @SOLUTION_MARKER@
echo $(($1 * 3))
