import builtins

builtins.forged = True
