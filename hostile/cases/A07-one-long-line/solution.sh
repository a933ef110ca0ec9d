#!/bin/bash
head -c 50M /dev/zero | tr '\0' x
head -c 1M /dev/urandom
