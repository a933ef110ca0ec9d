#!/usr/bin/env bash
pkill -9 bats 2>/dev/null
exit 0
