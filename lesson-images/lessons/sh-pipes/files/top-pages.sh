#!/bin/bash
# top-pages.sh LOG COUNT: the COUNT paths asked for most often, as lines "requests path"

awk '{ print $4 }' "$1" | head -n "$2"
