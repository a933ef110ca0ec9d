#!/bin/bash
# collect.sh FOLDER PATTERN TARGET: copy the files below FOLDER that match PATTERN into TARGET

folder=$1
pattern=$2
target=$3

mkdir -p "$target"
find "$folder" -type f -name "$pattern" -exec cp {} "$target" \;
