/* The request's body comes on standard input, the answer goes to standard output. */
#include <stdio.h>

int main(void) {
    char name[64];
    size_t length = fread(name, 1, sizeof name - 1, stdin);
    name[length] = '\0';
    printf("Hello, %s!\n", length ? name : "stranger");
    return 0;
}
