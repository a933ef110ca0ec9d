#!/bin/bash
# collect.sh FOLDER PATTERN TARGET: copy the files below FOLDER that match PATTERN into TARGET

folder=$1
pattern=$2
target=$3

echo "copying $pattern from $folder to $target"
