// A picture as bytes, and what reads one. What is wrong with it is a Refusal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

using Bytes = std::vector<uint8_t>;

struct Picture {
    int width = 0, height = 0;
    Bytes rgb; // row by row, three bytes a pixel; what was transparent lies on white
};

// There are no exceptions for WebAssembly here: a refusal is answered, and ends the program.
[[noreturn]] void refuse(const std::string &why);

// Reads a PNG (third edition, W3C) of eight bits a channel that is not interlaced.
Picture readPng(const Bytes &file);

// Unpacks a zlib stream (RFC 1950 and 1951) that gives just so many bytes.
Bytes inflate(const Bytes &packed, size_t length);

uint32_t crc32(const uint8_t *bytes, size_t length);
