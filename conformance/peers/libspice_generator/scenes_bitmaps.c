/* Scenes of fills and of copies of bitmaps. */
#include "generator.h"

static void background(void) { draw_fill(rect(0, 0, on_display->width, on_display->height), 0x336699); }

/* A few boxes. For tests that are about something else. */
bool scene_basics(int step)
{
    static const uint32_t COLOURS[] = { 0xff0000, 0x00ff00, 0x0000ff, 0xffffff };
    if (step == 0) return background(), true;
    if (step > COUNT(COLOURS)) return false;
    draw_fill(rect(100 * step, 80 * step, 60, 40), COLOURS[step - 1]);
    return true;
}

bool scene_fills(int step)
{
    QXLRect box = cell(step, 64, 48);
    switch (step) {
    case 0: background(); return true;
    case 1: draw(fill(box, solid(0xff8000), SPICE_ROPD_OP_PUT, no_mask())); return true;
    case 2:
        draw(fill(box, pattern(image(SPICE_BITMAP_FMT_32BIT, 8, 8), 3, 1), SPICE_ROPD_OP_PUT, no_mask()));
        return true;
    case 3:
        draw(fill(box, pattern(image(SPICE_BITMAP_FMT_32BIT, 8, 8), -3, -1), SPICE_ROPD_OP_PUT, no_mask()));
        return true;
    case 4:
        draw(fill(box, pattern(image(SPICE_BITMAP_FMT_1BIT_BE, 8, 8), 0, 0), SPICE_ROPD_OP_PUT, no_mask()));
        return true;
    case 5:
        draw(fill(box, pattern(image(SPICE_BITMAP_FMT_8BIT, 16, 16), 0, 0), SPICE_ROPD_OP_XOR, no_mask()));
        return true;
    case 6:
        draw(fill(box, pattern(photo(SPICE_BITMAP_FMT_32BIT, 100, 100, 1), 50, 50), SPICE_ROPD_OP_PUT, no_mask()));
        return true;
    case 7: draw(fill(box, no_brush(), SPICE_ROPD_OP_BLACKNESS, no_mask())); return true;
    case 8: draw(fill(box, no_brush(), SPICE_ROPD_OP_WHITENESS, no_mask())); return true;
    case 9: draw(fill(box, no_brush(), SPICE_ROPD_OP_INVERS, no_mask())); return true;
    case 10: draw(fill(rect(-20, 100, 40, 40), solid(0xffff00), SPICE_ROPD_OP_PUT, no_mask())); return true;
    case 11: draw(fill(rect(620, 470, 40, 40), solid(0xffff00), SPICE_ROPD_OP_PUT, no_mask())); return true;
    case 12: draw(fill(rect(300, 200, 1, 1), solid(0xffffff), SPICE_ROPD_OP_PUT, no_mask())); return true;
    case 13: draw(fill(box, solid(0xff123456), SPICE_ROPD_OP_PUT, no_mask())); return true;
    case 14: draw(drawable(QXL_DRAW_BLACKNESS, box)); return true;
    case 15: draw(drawable(QXL_DRAW_WHITENESS, box)); return true;
    case 16: draw(drawable(QXL_DRAW_INVERS, box)); return true;
    default: return false;
    }
}

/* In the order of SPICE_BITMAP_FMT, without 8BIT_A, which is for masks. */
static const uint8_t BIG_ENDIAN_FORMATS[] = {
    SPICE_BITMAP_FMT_1BIT_BE, SPICE_BITMAP_FMT_4BIT_BE, SPICE_BITMAP_FMT_8BIT, SPICE_BITMAP_FMT_16BIT,
    SPICE_BITMAP_FMT_24BIT,   SPICE_BITMAP_FMT_32BIT,   SPICE_BITMAP_FMT_RGBA,
};
static const uint8_t LITTLE_ENDIAN_FORMATS[] = { SPICE_BITMAP_FMT_1BIT_LE, SPICE_BITMAP_FMT_4BIT_LE };

/* Each format: odd widths, both orientations, chunks, palettes shared and own, small and large. */
static bool play_formats(int step, const uint8_t *formats, int count)
{
    enum { VARIANTS = 10 };
    if (step == 0) return background(), true;
    int format = (step - 1) / VARIANTS, variant = (step - 1) % VARIANTS;
    if (format >= count) return false;
    int f = formats[format];
    QXLRect box = rect(variant * 64, format * 64, 61, 61);
    bool has_palette = f <= SPICE_BITMAP_FMT_8BIT;
    int entries = f <= SPICE_BITMAP_FMT_1BIT_BE ? 2 : f <= SPICE_BITMAP_FMT_4BIT_BE ? 16 : 256;
    switch (variant) {
    case 0: draw_copy(box, image(f, 61, 61)); break;
    case 1: draw_copy(box, bottom_up(image(f, 61, 61))); break;
    case 2: draw_copy(box, in_chunks(image(f, 61, 61), 3)); break;
    case 3: draw_copy(box, photo(f, 61, 61, 7)); break;
    /* One palette for two images: the second finds it in the client's cache. */
    case 4:
    case 5:
        draw_copy(box,
                  has_palette ? with_palette(image(f, 61, 61), palette(100 + f, entries, 0x3300)) : image(f, 61, 61));
        break;
    case 6:
        draw(copy(box, image(f, 80, 80), rect(13, 9, 61, 61), SPICE_ROPD_OP_PUT, SPICE_IMAGE_SCALE_MODE_NEAREST,
                  no_mask()));
        break;
    case 7: draw_copy(rect(box.left, box.top, 1, 1), image(f, 1, 1)); break;
    case 8: draw_copy(rect(box.left, box.top, 33, 2), image(f, 33, 2)); break;
    case 9: draw_copy(box, cached(image(f, 61, 61))); break;
    }
    return true;
}

bool scene_bitmaps(int step) { return play_formats(step, BIG_ENDIAN_FORMATS, COUNT(BIG_ENDIAN_FORMATS)); }
bool scene_bitmaps_le(int step) { return play_formats(step, LITTLE_ENDIAN_FORMATS, COUNT(LITTLE_ENDIAN_FORMATS)); }

/* Copies that scale, in both modes and both directions. */
bool scene_copies(int step)
{
    static const struct {
        int width, height;
    } SOURCES[] = { { 100, 80 }, { 25, 20 }, { 99, 10 }, { 7, 80 }, { 1, 1 }, { 200, 160 } };
    enum { BOX_WIDTH = 100, BOX_HEIGHT = 80 };
    if (step == 0) return background(), true;
    int source = (step - 1) / 4, variant = (step - 1) % 4;
    if (source >= COUNT(SOURCES)) return false;
    int mode = variant & 1 ? SPICE_IMAGE_SCALE_MODE_INTERPOLATE : SPICE_IMAGE_SCALE_MODE_NEAREST;
    int ropd = variant & 2 ? SPICE_ROPD_OP_XOR : SPICE_ROPD_OP_PUT;
    int width = SOURCES[source].width, height = SOURCES[source].height;
    QXLRect box = rect((step - 1) % 6 * 105, (step - 1) / 6 * 85, BOX_WIDTH, BOX_HEIGHT);
    draw(copy(box, blocks(width, height, 1), rect(0, 0, width, height), ropd, mode, no_mask()));
    return true;
}

/* Photographs of each format, which libspice sends as QUIC or JPEG. */
bool scene_photos(int step)
{
    static const uint8_t FORMATS[] = { SPICE_BITMAP_FMT_16BIT, SPICE_BITMAP_FMT_24BIT, SPICE_BITMAP_FMT_32BIT,
                                       SPICE_BITMAP_FMT_RGBA };
    if (step == 0) return background(), true;
    int n = step - 1, variant = n % 3;
    if (n >= 3 * COUNT(FORMATS)) return false;
    int width = 100 - variant, height = 60 + variant;
    QXLImage *pixels = photo(FORMATS[n / 3], width, height, n);
    draw_copy(rect(n % 6 * 105, n / 6 * 85, width, height), variant == 1 ? bottom_up(pixels) : pixels);
    return true;
}
