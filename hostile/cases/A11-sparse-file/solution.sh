#!/bin/bash
truncate -s 10G ~/big
truncate -s 30M ~/work/big
echo 0
