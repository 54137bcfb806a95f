// {"name":"Ada"} on standard input gives {"message":"Hello, Ada!"} on standard output.
#include <cstdio>
#include <string>

// The text between the quotes of "name", still escaped as JSON has it; "" without one.
static std::string nameIn(const std::string &json) {
    const std::string key = "\"name\"";
    size_t at = json.find(key);
    if (at == std::string::npos) return "";
    at = json.find_first_not_of(" \t\r\n:", at + key.size());
    if (at == std::string::npos || json[at] != '"') return "";
    size_t end = ++at;
    while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    return end < json.size() ? json.substr(at, end - at) : "";
}

int main() {
    std::string body;
    char buffer[4096];
    while (size_t length = fread(buffer, 1, sizeof buffer, stdin)) body.append(buffer, length);
    std::string name = nameIn(body);
    fprintf(stderr, "greeting %s\n", name.c_str()); // what goes to stderr is in the logs
    std::string answer = "{\"message\":\"Hello, " + (name.empty() ? "stranger" : name) + "!\"}\n";
    printf("Content-Type: application/json\n\n%s", answer.c_str());
}
