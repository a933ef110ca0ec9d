#!/bin/bash
# top-pages.sh LOG COUNT: the COUNT paths asked for most often, as lines "requests path"

awk '{ print $4 }' "$1" | sort | uniq -c | sort -k1,1nr -k2,2 | awk '{ print $1, $2 }' | head -n "$2"
