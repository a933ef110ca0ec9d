#!/bin/bash
for place in ~ /tmp /dev/shm; do
    for file in {1..20}; do cat /dev/zero > "$place/full-$file"; done
done
echo 0
