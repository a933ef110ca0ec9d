#!/bin/bash
while exec {descriptor}</dev/null; do :; done 2>/dev/null
echo 0
