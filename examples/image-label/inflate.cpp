#include "picture.h"

namespace {

constexpr int BITS_MAX = 15;

// A canonical Huffman code: how many codes have each length, and the symbols in order of their codes.
struct Code {
    int counts[BITS_MAX + 1] = {};
    std::vector<int> symbols;

    explicit Code(const std::vector<int> &lengths) : symbols(lengths.size()) {
        for (int length : lengths) counts[length]++;
        counts[0] = 0;
        int starts[BITS_MAX + 2] = {};
        for (int i = 1; i <= BITS_MAX; i++) starts[i + 1] = starts[i] + counts[i];
        for (size_t i = 0; i < lengths.size(); i++) {
            if (lengths[i] != 0) symbols[starts[lengths[i]]++] = static_cast<int>(i);
        }
    }
};

class Stream {
public:
    Stream(const Bytes &packed, size_t length) : in(packed), whole(length) { out.reserve(length); }

    Bytes all() {
        if (in.size() < 6 || (in[0] & 15) != 8 || (in[0] * 256 + in[1]) % 31 != 0 || in[1] & 32) {
            refuse("the pixels are no zlib stream");
        }
        at = 2;
        bool last = false;
        while (!last) {
            last = bits(1);
            switch (bits(2)) {
            case 0: stored(); break;
            case 1: fixed(); break;
            case 2: dynamic(); break;
            default: refuse("a block of the pixels is of no known kind");
            }
        }
        if (out.size() != whole) refuse("there are fewer pixels than the picture has");
        return std::move(out);
    }

private:
    const Bytes &in;
    const size_t whole;
    Bytes out;
    size_t at = 0;
    uint32_t held = 0;
    int count = 0;

    int bits(int wanted) {
        while (count < wanted) {
            if (at == in.size()) refuse("the pixels are cut off");
            held |= static_cast<uint32_t>(in[at++]) << count;
            count += 8;
        }
        int value = static_cast<int>(held & ((1u << wanted) - 1));
        held >>= wanted;
        count -= wanted;
        return value;
    }

    int symbol(const Code &code) {
        int value = 0, first = 0, index = 0;
        for (int length = 1; length <= BITS_MAX; length++) {
            value |= bits(1);
            int number = code.counts[length];
            if (value - first < number) return code.symbols[index + value - first];
            index += number;
            first = (first + number) << 1;
            value <<= 1;
        }
        refuse("the pixels have a code that was not announced");
    }

    void put(uint8_t byte) {
        if (out.size() == whole) refuse("there are more pixels than the picture has");
        out.push_back(byte);
    }

    void stored() {
        held = 0;
        count = 0;
        int length = bits(16);
        if ((bits(16) ^ 0xffff) != length) refuse("a block of the pixels is damaged");
        for (int i = 0; i < length; i++) put(static_cast<uint8_t>(bits(8)));
    }

    void fixed() {
        std::vector<int> lengths(288, 8);
        for (int i = 144; i < 280; i++) lengths[i] = i < 256 ? 9 : 7;
        unpack(Code(lengths), Code(std::vector<int>(30, 5)));
    }

    void dynamic() {
        static const int ORDER[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
        int literals = bits(5) + 257, distances = bits(5) + 1, given = bits(4) + 4;
        std::vector<int> lengths(19);
        for (int i = 0; i < given; i++) lengths[ORDER[i]] = bits(3);
        Code code(lengths);
        lengths.clear();
        while (lengths.size() < static_cast<size_t>(literals + distances)) {
            int next = symbol(code);
            if (next < 16) {
                lengths.push_back(next);
            } else {
                if (next == 16 && lengths.empty()) refuse("a repeated length has none before it");
                int value = next == 16 ? lengths.back() : 0;
                int times = next == 16 ? 3 + bits(2) : next == 17 ? 3 + bits(3) : 11 + bits(7);
                lengths.insert(lengths.end(), times, value);
            }
        }
        lengths.resize(literals + distances);
        unpack(Code({lengths.begin(), lengths.begin() + literals}),
               Code({lengths.begin() + literals, lengths.end()}));
    }

    void unpack(const Code &literals, const Code &distances) {
        static const int LENGTH[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                     31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
        static const int DISTANCE[] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,
                                       33,  49,  65,  97,  129, 193,  257,  385,  513,  769,
                                       1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
        for (int next = symbol(literals); next != 256; next = symbol(literals)) {
            if (next < 256) {
                put(static_cast<uint8_t>(next));
                continue;
            }
            if (next > 285) refuse("the pixels have a length that is none");
            int kind = next - 257;
            int length = LENGTH[kind] + (kind < 8 || kind == 28 ? 0 : bits((kind - 4) / 4));
            int far = symbol(distances);
            if (far > 29) refuse("the pixels have a distance that is none");
            size_t distance = DISTANCE[far] + (far < 4 ? 0 : bits((far - 2) / 2));
            if (distance > out.size()) refuse("the pixels refer to before their start");
            for (int i = 0; i < length; i++) put(out[out.size() - distance]);
        }
    }
};

} // namespace

Bytes inflate(const Bytes &packed, size_t length) { return Stream(packed, length).all(); }

uint32_t crc32(const uint8_t *bytes, size_t length) {
    uint32_t rest = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        rest ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) rest = rest >> 1 ^ (rest & 1 ? 0xedb88320u : 0);
    }
    return ~rest;
}
