#include "picture.h"

#include <cstdlib>
#include <cstring>

namespace {

constexpr uint32_t SIDE_MAX = 2048;

uint32_t word(const uint8_t *at) {
    return static_cast<uint32_t>(at[0]) << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

int channels(int colour) {
    switch (colour) {
    case 0: case 3: return 1;
    case 2: return 3;
    case 4: return 2;
    case 6: return 4;
    default: refuse("the picture is of a colour type that is none");
    }
}

int paeth(int left, int up, int corner) {
    int guess = left + up - corner;
    int a = abs(guess - left), b = abs(guess - up), c = abs(guess - corner);
    return a <= b && a <= c ? left : b <= c ? up : corner;
}

// Undoes the filter of each row in place; each row begins with its filter's number.
void unfilter(Bytes &raw, size_t rows, size_t row, size_t step) {
    Bytes nothing(row, 0);
    const uint8_t *above = nothing.data();
    for (size_t y = 0; y < rows; y++) {
        uint8_t *line = &raw[y * (row + 1)];
        int filter = *line++;
        if (filter > 4) refuse("a row of the picture has a filter that is none");
        for (size_t x = 0; x < row; x++) {
            int left = x < step ? 0 : line[x - step], up = above[x];
            int corner = x < step ? 0 : above[x - step];
            int guess[] = {0, left, up, (left + up) / 2, paeth(left, up, corner)};
            line[x] = static_cast<uint8_t>(line[x] + guess[filter]);
        }
        above = line;
    }
}

} // namespace

Picture readPng(const Bytes &file) {
    if (file.size() < 8 || memcmp(file.data(), "\x89PNG\r\n\x1a\n", 8) != 0) {
        refuse("the body is not a PNG");
    }
    Picture picture;
    int colour = -1;
    Bytes packed, palette, clear;
    for (size_t at = 8;;) {
        if (file.size() - at < 12 || word(&file[at]) > file.size() - at - 12) {
            refuse("the picture is cut off");
        }
        size_t length = word(&file[at]);
        const uint8_t *name = &file[at + 4], *data = name + 4;
        if (crc32(name, length + 4) != word(data + length)) refuse("a chunk of the picture is damaged");
        at += length + 12;
        bool first = colour < 0;
        if (first != !memcmp(name, "IHDR", 4)) refuse("the picture does not begin with one IHDR");
        if (first) {
            if (length != 13 || data[8] != 8 || data[12] != 0) {
                refuse("only PNGs of 8 bits a channel that are not interlaced are read");
            }
            if (word(data) - 1 >= SIDE_MAX || word(data + 4) - 1 >= SIDE_MAX) {
                refuse("a side of the picture is not 1 to 2048 pixels");
            }
            picture.width = static_cast<int>(word(data));
            picture.height = static_cast<int>(word(data + 4));
            colour = data[9];
        } else if (!memcmp(name, "PLTE", 4)) {
            palette.assign(data, data + length);
        } else if (!memcmp(name, "tRNS", 4)) {
            clear.assign(data, data + length);
        } else if (!memcmp(name, "IDAT", 4)) {
            packed.insert(packed.end(), data, data + length);
        } else if (!memcmp(name, "IEND", 4)) {
            break;
        } else if (!(name[0] & 32)) {
            refuse("the picture has a chunk that must be known and is not");
        }
    }
    size_t step = channels(colour), row = step * picture.width, pixels = picture.width * picture.height;
    Bytes raw = inflate(packed, (row + 1) * picture.height);
    unfilter(raw, picture.height, row, step);
    palette.resize(768);
    clear.resize(256, 255);
    picture.rgb.reserve(3 * pixels);
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *pixel = &raw[i / picture.width * (row + 1) + 1 + i % picture.width * step];
        const uint8_t *rgb = colour == 3 ? &palette[3 * pixel[0]] : pixel;
        int alpha = colour == 3 ? clear[pixel[0]] : colour >= 4 ? pixel[step - 1] : 255;
        for (int c = 0; c < 3; c++) {
            int value = rgb[colour == 2 || colour == 6 || colour == 3 ? c : 0];
            picture.rgb.push_back(static_cast<uint8_t>((value * alpha + 255 * (255 - alpha)) / 255));
        }
    }
    return picture;
}
