#include <stdio.h>

#define TEST(name) __attribute__((constructor)) static void NAME(__LINE__)(void)
#define NAME(line) NAME_OF(line)
#define NAME_OF(line) test_##line
#define CHECK_INT(got, expected) (void)(got)
#define CHECK_STRING(got, expected) (void)(got)

int main(void);
