#!/bin/bash
for child in {1..40}; do
    while :; do :; done &
done
wait
