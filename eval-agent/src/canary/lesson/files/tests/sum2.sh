check 'adds what it has not seen' 1001 340 661
