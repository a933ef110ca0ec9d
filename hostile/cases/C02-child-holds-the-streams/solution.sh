#!/bin/bash
setsid sleep 600 &
echo 0
