#!/bin/bash
# count-files.sh FOLDER: how many ordinary files lie below FOLDER

find "$1" -type f | wc -l
