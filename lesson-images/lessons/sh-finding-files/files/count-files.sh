#!/bin/bash
# count-files.sh FOLDER: how many ordinary files lie below FOLDER

ls "$1" | wc -l
