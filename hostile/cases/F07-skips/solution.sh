#!/usr/bin/env bash
echo 'skip # SKIP not today'
exit 77
