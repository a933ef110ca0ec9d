#!/bin/bash
for pid in $$ $PPID; do echo 0 > /proc/$pid/oom_score_adj; done 2>/dev/null
for hog in {1..100}; do
    (
        echo 0 > /proc/$BASHPID/oom_score_adj
        mapfile -d '' -n 300000 taken < /dev/zero
        sleep 60
    ) 2>/dev/null &
done
wait
