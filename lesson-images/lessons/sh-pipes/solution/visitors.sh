#!/bin/bash
# visitors.sh LOG: how many different visitors there were

awk '{ print $2 }' "$1" | sort -u | wc -l
