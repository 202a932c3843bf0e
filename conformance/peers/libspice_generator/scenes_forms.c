/* Scenes of the forms of images: every format, both ways up, palettes in each way that they can be sent. */
#include "generator.h"

#include <string.h>

/* Sizes at which no format's rows are padded: libspice compresses no padded ones with LZ. */
enum { WIDTH = 32, HEIGHT = 24 };

static void background(uint32_t colour) { draw_fill(rect(0, 0, on_display->width, on_display->height), colour); }

/* Pixels in squares, since libspice compresses with LZ only what becomes smaller. */
static QXLImage *coarse(QXLImage *image)
{
    enum { SQUARE = 8 };
    int size = image->bitmap.stride / WIDTH;
    uint8_t *rows = image_rows(image);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            memcpy(rows + (y * WIDTH + x) * size, rows + (y / SQUARE * SQUARE * WIDTH + x / SQUARE * SQUARE) * size, size);
    return image;
}

/* A palette without an id is not to be cached; of two images with one palette, the second finds it in the cache. */
static void draw_indexed(QXLRect box, int format, bool upwards, int palette_form)
{
    int entries = format <= SPICE_BITMAP_FMT_1BIT_BE ? 2 : format <= SPICE_BITMAP_FMT_4BIT_BE ? 16 : 256;
    uint64_t id = palette_form == 0 ? 0 : 0x700 + format * 2 + upwards;
    QXLImage *indexed = with_palette(image(format, WIDTH, HEIGHT), palette(id, entries, 0x102030 * format));
    draw_copy(box, upwards ? bottom_up(indexed) : indexed);
}

static bool play_indexed(int n, const uint8_t *formats, int count)
{
    enum { PALETTE_FORMS = 3, VARIANTS = 2 * PALETTE_FORMS };
    int format = n / VARIANTS, variant = n % VARIANTS;
    if (format >= count) return false;
    draw_indexed(cell(n, WIDTH, HEIGHT), formats[format], variant / PALETTE_FORMS, variant % PALETTE_FORMS);
    return true;
}

/* What a mask of 8 bits lets through. */
static void draw_through_alpha(QXLRect box, bool upwards)
{
    QXLImage *alpha = coarse(image(SPICE_BITMAP_FMT_8BIT_A, WIDTH, HEIGHT));
    QXLDrawable *result = drawable(QXL_DRAW_COMPOSITE, box);
    result->u.composite = (QXLComposite){
        .flags = QXL_OP_OVER,
        .src = (uintptr_t)image(SPICE_BITMAP_FMT_RGBA, WIDTH, HEIGHT),
        .mask = (uintptr_t)(upwards ? bottom_up(alpha) : alpha),
    };
    draw(result);
}

/* Every format but the little-endian, which spice-gtk 0.42 aborts on. */
bool scene_forms(int step)
{
    static const uint8_t INDEXED[] = { SPICE_BITMAP_FMT_1BIT_BE, SPICE_BITMAP_FMT_4BIT_BE, SPICE_BITMAP_FMT_8BIT };
    static const uint8_t COLOURED[] = { SPICE_BITMAP_FMT_16BIT, SPICE_BITMAP_FMT_24BIT, SPICE_BITMAP_FMT_32BIT,
                                        SPICE_BITMAP_FMT_RGBA };
    enum { FIRST_COLOURED = COUNT(INDEXED) * 6, FIRST_ALPHA = FIRST_COLOURED + 4 * COUNT(COLOURED) };
    if (step == 0) return background(0x336699), true;
    int n = step - 1;
    QXLRect box = cell(n, WIDTH, HEIGHT);
    if (n < FIRST_COLOURED) return play_indexed(n, INDEXED, COUNT(INDEXED));
    if (n < FIRST_ALPHA) {
        QXLImage *coloured = image(COLOURED[(n - FIRST_COLOURED) / 4], WIDTH, HEIGHT);
        if (n / 2 % 2)
            coarse(coloured);
        else /* other pixels for each, so that GLZ finds none of them in images before */
            for (int i = 0; i < (int)coloured->bitmap.stride * HEIGHT; i++) image_rows(coloured)[i] ^= n * 29;
        draw_copy(box, n % 2 ? bottom_up(coloured) : coloured);
        return true;
    }
    if (n >= FIRST_ALPHA + 2) return false;
    draw_through_alpha(box, n % 2);
    return true;
}

bool scene_forms_le(int step)
{
    static const uint8_t INDEXED[] = { SPICE_BITMAP_FMT_1BIT_LE, SPICE_BITMAP_FMT_4BIT_LE };
    if (step == 0) return background(0x336699), true;
    return play_indexed(step - 1, INDEXED, COUNT(INDEXED));
}

/* More palettes than a client keeps: the oldest are dropped one by one and sent again. Then the device is reset, which
 * drops them all. */
bool scene_palettes(int step)
{
    enum { SIZE = 8, PALETTES = 136, AGAIN = 4 };
    if (step == 0) return background(0x203040), true;
    int n = step - 1;
    if (n < PALETTES + AGAIN) {
        int which = n % PALETTES;
        QXLImage *bits = image(SPICE_BITMAP_FMT_1BIT_BE, SIZE, SIZE);
        draw_copy(cell(n, SIZE, SIZE), with_palette(bits, palette(0x9000 + which, 2, which * 0x10307)));
        return true;
    }
    switch (n - PALETTES - AGAIN) {
    case 0:
        spice_qxl_destroy_surfaces(&on_display->instance);
        create_primary(on_display);
        return background(0x304020), true;
    case 1:
    case 2: /* sent, then found in the cache */
        draw_indexed(cell(n, WIDTH, HEIGHT), SPICE_BITMAP_FMT_8BIT, false, 1);
        return true;
    default: return false;
    }
}

/* Masks of 1 bit, which have no palettes: both orders of bits, both ways up. */
bool scene_masks_plain(int step)
{
    static const uint8_t FORMATS[] = { SPICE_BITMAP_FMT_1BIT_BE, SPICE_BITMAP_FMT_1BIT_LE };
    if (step == 0) return background(0x336699), true;
    int n = step - 1;
    if (n >= 2 * COUNT(FORMATS)) return false;
    QXLImage *bits = with_palette(image(FORMATS[n / 2], WIDTH, HEIGHT), NULL);
    QXLQMask through = { .bitmap = (uintptr_t)(n % 2 ? bottom_up(bits) : bits) };
    draw(fill(cell(n, WIDTH, HEIGHT), solid(0xffc040), SPICE_ROPD_OP_PUT, through));
    return true;
}
