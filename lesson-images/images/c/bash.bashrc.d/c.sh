# The address sanitizer's leak finder traces its own process, which the container forbids.
export ASAN_OPTIONS=detect_leaks=0
