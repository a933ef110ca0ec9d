long triple(long number);
