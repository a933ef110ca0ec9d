#!/bin/bash
kill -9 1
kill -9 -1
sleep 60
