#!/bin/bash
# errors-by-hour.sh LOG: failures of the server (status 500 and above) per hour, as lines "hour failures"

awk '$5 >= 500 { print substr($1, 12, 2) }' "$1" | sort | uniq -c | awk '{ print $2, $1 }'
