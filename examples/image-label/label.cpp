// image-label: a PNG of one shape on a plain ground in, what it is out. The network that tells is in
// weights.h; train.mjs made it.
#include "picture.h"
#include "weights.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr int SURE_PERCENT = 60;   // below it, nothing is said to be known
constexpr int CONTRAST_LEAST = 24; // between ground and ink, of 441
constexpr int PIXELS_LEAST = 30;   // of ink

struct Colour {
    double red = 0, green = 0, blue = 0;

    double distance(const Colour &other) const {
        return std::sqrt((red - other.red) * (red - other.red) +
                         (green - other.green) * (green - other.green) +
                         (blue - other.blue) * (blue - other.blue));
    }
};

struct Box {
    int left, top, right, bottom; // the last ones are inside
};

// The mean of some pixels.
class Mean {
public:
    void add(const Colour &colour) {
        sum.red += colour.red, sum.green += colour.green, sum.blue += colour.blue;
        count++;
    }
    Colour value() const { return {sum.red / count, sum.green / count, sum.blue / count}; }

private:
    Colour sum;
    int count = 0;
};

class Shape {
public:
    explicit Shape(const Picture &picture) : picture(picture), ink(picture.width * picture.height) {
        Mean border;
        for (int x = 0; x < picture.width; x++) border.add(pixel(x, 0)), border.add(pixel(x, picture.height - 1));
        for (int y = 0; y < picture.height; y++) border.add(pixel(0, y)), border.add(pixel(picture.width - 1, y));
        ground = border.value();
        int threshold = otsu();
        Mean inked;
        for (int y = 0; y < picture.height; y++) {
            for (int x = 0; x < picture.width; x++) {
                if (contrast(x, y) < threshold) continue;
                ink[y * picture.width + x] = true;
                inked.add(pixel(x, y));
                pixels++;
                box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x), std::max(box.bottom, y)};
            }
        }
        if (pixels > 0) colour = inked.value();
    }

    int pixels = 0;
    Box box{1 << 30, 1 << 30, -1, -1};
    Colour colour, ground;

    // The ink's box, made square, as so many cells, each with how much of it is ink.
    void cells(double (&input)[SIDE * SIDE]) const {
        int side = std::max(box.right - box.left, box.bottom - box.top) + 1;
        double x0 = (box.left + box.right + 1 - side) / 2.0, y0 = (box.top + box.bottom + 1 - side) / 2.0;
        for (int cell = 0; cell < SIDE * SIDE; cell++) {
            int inside = 0;
            for (int sub = 0; sub < 16; sub++) {
                int x = static_cast<int>(std::floor(x0 + (cell % SIDE + ((sub & 3) + 0.5) / 4) * side / SIDE));
                int y = static_cast<int>(std::floor(y0 + (cell / SIDE + ((sub >> 2) + 0.5) / 4) * side / SIDE));
                inside += x >= 0 && y >= 0 && x < picture.width && y < picture.height && ink[y * picture.width + x];
            }
            input[cell] = inside / 16.0;
        }
    }

private:
    const Picture &picture;
    std::vector<bool> ink;

    Colour pixel(int x, int y) const {
        const uint8_t *at = &picture.rgb[3 * (y * picture.width + x)];
        return {double(at[0]), double(at[1]), double(at[2])};
    }
    int contrast(int x, int y) const { return static_cast<int>(pixel(x, y).distance(ground)); }

    // Otsu's threshold between ground and ink (IEEE Trans. SMC 9, 1979): the widest gap of means.
    int otsu() const {
        double histogram[442] = {}, all = 0, total = 0;
        for (int y = 0; y < picture.height; y++) {
            for (int x = 0; x < picture.width; x++) histogram[contrast(x, y)]++;
        }
        for (int i = 0; i < 442; i++) all += i * histogram[i], total += histogram[i];
        double below = 0, sum = 0, widest = -1;
        int best = CONTRAST_LEAST;
        for (int i = 0; i < 441; i++) {
            below += histogram[i];
            sum += i * histogram[i];
            if (below == 0 || below == total) continue;
            double gap = sum / below - (all - sum) / (total - below);
            double between = below * (total - below) * gap * gap;
            if (between > widest) widest = between, best = i + 1;
        }
        return std::max(best, CONTRAST_LEAST);
    }
};

const char *name(const Colour &c) {
    double most = std::max({c.red, c.green, c.blue}), least = std::min({c.red, c.green, c.blue});
    if (most - least < 0.18 * 255) return most < 70 ? "black" : most < 190 ? "grey" : "white";
    double range = most - least, hue;
    if (most == c.red) hue = (c.green - c.blue) / range;
    else if (most == c.green) hue = 2 + (c.blue - c.red) / range;
    else hue = 4 + (c.red - c.green) / range;
    double degrees = hue * 60 + (hue < 0 ? 360 : 0);
    if (degrees < 45 && degrees >= 15) return most < 170 ? "brown" : "orange";
    if (degrees < 15 || degrees >= 345) return "red";
    if (degrees < 70) return "yellow";
    if (degrees < 165) return "green";
    if (degrees < 200) return "cyan";
    if (degrees < 260) return "blue";
    return degrees < 300 ? "purple" : "pink";
}

// The shares of the labels, which add up to 1.
void think(const double (&input)[SIDE * SIDE], double (&shares)[LABELS]) {
    double hidden[HIDDEN], most = -1e9, sum = 0;
    for (int h = 0; h < HIDDEN; h++) {
        double value = 0;
        for (int i = 0; i < SIDE * SIDE; i++) value += WEIGHTS_1[h * SIDE * SIDE + i] * input[i];
        hidden[h] = std::max(0.0, value * UNIT_1 + BIAS_1[h]);
    }
    for (int o = 0; o < LABELS; o++) {
        double value = 0;
        for (int h = 0; h < HIDDEN; h++) value += WEIGHTS_2[o * HIDDEN + h] * hidden[h];
        shares[o] = value * UNIT_2 + BIAS_2[o];
        most = std::max(most, shares[o]);
    }
    for (double &share : shares) sum += share = std::exp(share - most);
    for (double &share : shares) share /= sum;
}

} // namespace

void refuse(const std::string &why) {
    printf("Status: 422\nContent-Type: application/json\n\n{\"error\":\"%s\"}\n", why.c_str());
    exit(0);
}

int main() {
    Bytes file;
    uint8_t buffer[8192];
    while (size_t length = fread(buffer, 1, sizeof buffer, stdin)) file.insert(file.end(), buffer, buffer + length);
    Picture picture = readPng(file);
    Shape shape(picture);
    printf("Content-Type: application/json\n\n");
    if (shape.pixels < PIXELS_LEAST) {
        printf("{\"label\":\"nothing\",\"ground\":\"%s\"}\n", name(shape.ground));
        return 0;
    }
    double input[SIDE * SIDE], shares[LABELS];
    shape.cells(input);
    think(input, shares);
    int best = 0;
    for (int o = 1; o < LABELS; o++) best = shares[o] > shares[best] ? o : best;
    int percent = static_cast<int>(shares[best] * 100 + 0.5);
    printf("{\"label\":\"%s\",\"percent\":%d,\"colour\":\"%s\",\"ground\":\"%s\",\"box\":[%d,%d,%d,%d]}\n",
           percent < SURE_PERCENT ? "unknown" : LABEL[best], percent, name(shape.colour),
           name(shape.ground), shape.box.left, shape.box.top, shape.box.right - shape.box.left + 1,
           shape.box.bottom - shape.box.top + 1);
}
