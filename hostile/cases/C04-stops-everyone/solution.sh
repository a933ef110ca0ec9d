#!/bin/bash
kill -STOP -1
sleep 60
