#!/bin/bash
# visitors.sh LOG: how many different visitors there were

cut -d ' ' -f 2 "$1" | wc -l
