#!/usr/bin/env bash
echo "asked $1" >&2
echo "asked $1"
