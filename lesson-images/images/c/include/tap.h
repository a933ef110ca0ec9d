/* tap.h – a small test harness for C that speaks TAP 14.
 *
 *     #include <tap.h>
 *     #include "stack.h"
 *
 *     TEST("a new stack is empty") {
 *         struct stack stack = stack_new();
 *         CHECK_INT(stack_size(&stack), 0);
 *     }
 *
 * Compile any number of such files and link them with the code under test; main() is here. Each test runs in a
 * process of its own, so one that crashes or hangs fails alone. A check that does not hold ends its test. Results go to the
 * file named by GRADUS_REPORT, else to standard output, one by one; what a test prints is part of its result. Needs
 * POSIX: compile with -std=gnu17 or the like.
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Seconds one test may take. */
#define TAP_TEST_SECONDS 2
/* Bytes kept of a test's message and of what it printed. */
#define TAP_TEXT_BYTES 4000
/* Exit code of a program that the address sanitizer has stopped. */
#define TAP_MEMORY_ERROR 99

/* ---- what tests use: TEST, and CHECK_* with what came first and what is expected second ---- */

#define TEST(description) TAP_TEST(description, __COUNTER__)

#define CHECK(condition) \
    do { if (!(condition)) tap_fail(__FILE__, __LINE__, "expected: %s\ngot:      not so", #condition); } while (0)

#define CHECK_INT(got, expected)                                                                                \
    do {                                                                                                        \
        long long tap_got = (got), tap_expected = (expected);                                                   \
        if (tap_got != tap_expected)                                                                            \
            tap_fail(__FILE__, __LINE__, "%s\ngot:      %lld\nexpected: %lld", #got, tap_got, tap_expected);    \
    } while (0)

#define CHECK_STRING(got, expected)                                                                             \
    do {                                                                                                        \
        const char *tap_got = (got), *tap_expected = (expected);                                                \
        if (tap_got == NULL)                                                                                    \
            tap_fail(__FILE__, __LINE__, "%s\ngot:      NULL\nexpected: \"%s\"", #got, tap_expected);           \
        if (strcmp(tap_got, tap_expected) != 0)                                                                 \
            tap_fail(__FILE__, __LINE__, "%s\ngot:      \"%s\"\nexpected: \"%s\"", #got, tap_got, tap_expected); \
    } while (0)

#define CHECK_NULL(got)                                                                                         \
    do {                                                                                                        \
        if ((got) != NULL) tap_fail(__FILE__, __LINE__, "%s\ngot:      a pointer\nexpected: NULL", #got);       \
    } while (0)

/* ---- how it works ---- */

struct tap_test {
    const char *description;
    void (*run)(void);
    struct tap_test *next;
};

/* Weak: every test file brings a copy of these, and the linker keeps one. */
__attribute__((weak)) struct tap_test *tap_tests;
__attribute__((weak)) int tap_message_fd = STDERR_FILENO;

#define TAP_TEST(description, id) TAP_DEFINE(description, TAP_JOIN(tap_run_, id), TAP_JOIN(tap_entry_, id), TAP_JOIN(tap_add_, id))
#define TAP_TEXT_OF(number) TAP_QUOTE(number)
#define TAP_QUOTE(text) #text
#define TAP_JOIN(a, b) TAP_PASTE(a, b)
#define TAP_PASTE(a, b) a##b
/* A constructor per test puts it on the list before main() begins. */
#define TAP_DEFINE(text, function, entry, add)                                      \
    static void function(void);                                                     \
    static struct tap_test entry = {text, function, NULL};                          \
    __attribute__((constructor)) static void add(void) { tap_append(&entry); }      \
    static void function(void)

/* The leak finder traces its own process, which the container forbids; it would fail every run. */
__attribute__((weak)) const char *__asan_default_options(void)
{
    return "detect_leaks=0:exitcode=" TAP_TEXT_OF(TAP_MEMORY_ERROR);
}

__attribute__((weak)) void tap_append(struct tap_test *test)
{
    struct tap_test **end = &tap_tests;
    while (*end != NULL)
        end = &(*end)->next;
    *end = test;
}

/* In the test's own process: leaves the message and ends. */
#define tap_fail(file, line, ...)                                        \
    do {                                                                 \
        dprintf(tap_message_fd, "%s:%d: " TAP_FIRST(__VA_ARGS__) "\n", file, line TAP_REST(__VA_ARGS__)); \
        fflush(stdout);                                                  \
        _exit(1);                                                        \
    } while (0)
#define TAP_FIRST(...) TAP_FIRST_OF(__VA_ARGS__, )
#define TAP_FIRST_OF(first, ...) first
#define TAP_REST(...) TAP_REST_OF(__VA_ARGS__)
#define TAP_REST_OF(first, ...) , ##__VA_ARGS__

/* A file without a name, readable again after the test's process has written to it. */
__attribute__((weak)) FILE *tap_scratch(void)
{
    FILE *file = tmpfile();
    if (file == NULL) {
        perror("tap.h: cannot make a temporary file");
        exit(2);
    }
    return file;
}

/* Set by a test that came to its end, in memory shared with main(): exit(0) in the middle of one is no pass. */
__attribute__((weak)) volatile int *tap_finished;

__attribute__((weak)) void tap_in_child(struct tap_test *test, FILE *message, FILE *output)
{
    tap_message_fd = fileno(message);
    dup2(fileno(output), STDOUT_FILENO);
    dup2(fileno(output), STDERR_FILENO);
    alarm(TAP_TEST_SECONDS);
    test->run();
    *tap_finished = 1;
    fflush(NULL);
    _exit(0);
}

/* `key: |-` and the text below it, indented; nothing when the file is empty. */
__attribute__((weak)) void tap_block(FILE *report, const char *key, FILE *text)
{
    int c, written = 0, line_start = 1;
    rewind(text);
    while ((c = fgetc(text)) != EOF && written < TAP_TEXT_BYTES) {
        if (written++ == 0)
            fprintf(report, "  %s: |-\n", key);
        if (line_start)
            fputs("    ", report);
        fputc(c == '\n' || c == '\t' || (unsigned char)c >= ' ' ? c : '?', report);
        line_start = c == '\n';
    }
    if (written > 0 && !line_start)
        fputc('\n', report);
}

__attribute__((weak)) int tap_run(struct tap_test *test, int number, FILE *report)
{
    FILE *message = tap_scratch(), *output = tap_scratch();
    struct timespec before, after;
    int status = 0;
    *tap_finished = 0;
    clock_gettime(CLOCK_MONOTONIC, &before);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        tap_in_child(test, message, output);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    clock_gettime(CLOCK_MONOTONIC, &after);

    int passed = WIFEXITED(status) && WEXITSTATUS(status) == 0 && *tap_finished;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        fprintf(message, "still running after %d seconds, so it was stopped; is there a loop that does not end?\n", TAP_TEST_SECONDS);
    else if (WIFSIGNALED(status))
        fprintf(message, "the program crashed: %s\n", strsignal(WTERMSIG(status)));
    else if (WIFEXITED(status) && WEXITSTATUS(status) == TAP_MEMORY_ERROR)
        fprintf(message, "memory was used in a way that is not allowed; the output says where\n");
    else if (!passed && fseek(message, 0, SEEK_END) == 0 && ftell(message) == 0)
        fprintf(message, "the program ended with exit code %d in the middle of this test\n", WEXITSTATUS(status));

    fprintf(report, "%s %d - %s\n  ---\n", passed ? "ok" : "not ok", number, test->description);
    fprintf(report, "  duration_ms: %ld\n", (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000);
    tap_block(report, "message", message);
    tap_block(report, "output", output);
    fprintf(report, "  ...\n");
    fflush(report);
    fclose(message);
    fclose(output);
    return passed;
}

__attribute__((weak)) int main(void)
{
    const char *path = getenv("GRADUS_REPORT");
    FILE *report = path != NULL ? fopen(path, "we") : stdout;
    int count = 0, number = 0, failed = 0;
    tap_finished = mmap(NULL, sizeof *tap_finished, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == NULL || tap_finished == MAP_FAILED) {
        perror(report == NULL ? path : "tap.h: cannot share memory");
        return 2;
    }
    for (struct tap_test *test = tap_tests; test != NULL; test = test->next)
        count++;
    fprintf(report, "TAP version 14\n1..%d\n", count);
    fflush(report);
    for (struct tap_test *test = tap_tests; test != NULL; test = test->next)
        failed += !tap_run(test, ++number, report);
    return failed > 0;
}

#endif
