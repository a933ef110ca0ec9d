#!/bin/bash
echo $(($1 * 3))
