/* {"name":"Ada"} on standard input gives {"message":"Hello, Ada!"} on standard output. */
#include <stdio.h>
#include <string.h>

/* The text between the quotes of "name", still escaped as JSON has it; "" without one. */
static const char *name_in(char *json) {
    char *at = strstr(json, "\"name\"");
    if (!at) return "";
    at += strlen("\"name\"");
    at += strspn(at, " \t\r\n:");
    if (*at++ != '"') return "";
    char *end = at;
    while (*end && *end != '"') end += *end == '\\' && end[1] ? 2 : 1;
    *end = '\0';
    return at;
}

int main(void) {
    static char body[64 * 1024];
    size_t length = fread(body, 1, sizeof body - 1, stdin);
    body[length] = '\0';
    const char *name = name_in(body);
    fprintf(stderr, "greeting %s\n", name); /* what goes to stderr is in the logs */
    printf("Content-Type: application/json\n\n");
    printf("{\"message\":\"Hello, %s!\"}\n", *name ? name : "stranger");
    return 0;
}
