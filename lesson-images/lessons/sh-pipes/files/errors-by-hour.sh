#!/bin/bash
# errors-by-hour.sh LOG: failures of the server (status 500 and above) per hour, as lines "hour failures"

grep 500 "$1"
