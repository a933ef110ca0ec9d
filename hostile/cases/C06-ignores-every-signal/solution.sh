#!/bin/bash
for signal in {1..8} {10..18} {20..64}; do trap '' $signal 2>/dev/null; done
while :; do read -r -t 100 < /dev/ptmx; sleep 100; done
