#!/bin/bash
tail /dev/zero
