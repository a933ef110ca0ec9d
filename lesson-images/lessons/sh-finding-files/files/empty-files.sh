#!/bin/bash
# empty-files.sh FOLDER: the empty files below FOLDER, one per line, sorted

find "$1"
