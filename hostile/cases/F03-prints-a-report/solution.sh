#!/usr/bin/env bash
printf '1..3\nok 1 - three times two is six\nok 2 - three times nothing is nothing\nok 3 - three times a thousand is three thousand\n'
printf '1..3\nok 1 - three times two is six\nok 2 - three times nothing is nothing\nok 3 - three times a thousand is three thousand\n' >&2
exit 0
