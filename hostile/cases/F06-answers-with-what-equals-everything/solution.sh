#!/usr/bin/env bash
printf '*'
