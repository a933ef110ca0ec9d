/* Servers as learners write them, and as they should not: `server MODE PORT [6]`. Each connection has a process of its own,
   but for `stall`, which takes none.
     echo   sends back what comes and closes when that ends
     mute   reads nothing, for ever
     flood  writes for ever, reads nothing
     reset  reads a byte and breaks the connection off
     half   writes "half", closes its side, then writes into the file `counted` how many bytes still came */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[65536];

static void serve(const char *mode, int peer) {
    ssize_t count;
    if (strcmp(mode, "echo") == 0) {
        while ((count = read(peer, buffer, sizeof buffer)) > 0)
            for (ssize_t sent = 0; sent < count;) {
                ssize_t more = write(peer, buffer + sent, count - sent);
                if (more < 0) return;
                sent += more;
            }
    } else if (strcmp(mode, "mute") == 0) {
        for (;;) pause();
    } else if (strcmp(mode, "flood") == 0) {
        while (write(peer, buffer, sizeof buffer) > 0) {}
    } else if (strcmp(mode, "reset") == 0) {
        struct linger at_once = {1, 0};
        setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        read(peer, buffer, 1);
    } else if (strcmp(mode, "half") == 0) {
        long total = 0;
        write(peer, "half", 4);
        shutdown(peer, SHUT_WR);
        while ((count = read(peer, buffer, sizeof buffer)) > 0) total += count;
        FILE *file = fopen("counting", "w");
        fprintf(file, "%ld\n", total);
        fclose(file);
        rename("counting", "counted");
    }
}

int main(int count, char **words) {
    int port = atoi(words[2]), family = count > 3 ? AF_INET6 : AF_INET, yes = 1;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1", &four.sin_addr);
    inet_pton(AF_INET6, "::1", &six.sin6_addr);
    signal(SIGCHLD, SIG_IGN);
    int listener = socket(family, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&four : (struct sockaddr *)&six;
    if (bind(listener, address, family == AF_INET ? sizeof four : sizeof six) != 0) return perror("bind"), 1;
    int stalls = strcmp(words[1], "stall") == 0;
    if (listen(listener, stalls ? 0 : 64) != 0) return perror("listen"), 1;
    while (stalls) pause();
    for (;;) {
        int peer = accept(listener, 0, 0);
        if (peer < 0) return perror("accept"), 1;
        if (fork() == 0) {
            close(listener);
            serve(words[1], peer);
            return 0;
        }
        close(peer);
    }
}
