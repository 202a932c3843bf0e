/* Scenes of raster operations, masks and clips. */
#include "generator.h"

/* Blocks of many colours, from an image that is small on the wire. */
static void background(void)
{
    QXLRect whole = rect(0, 0, on_display->width, on_display->height);
    QXLImage *small = image(SPICE_BITMAP_FMT_32BIT, on_display->width / 16, on_display->height / 16);
    draw_copy(whole, small);
}

static QXLImage *source(int width, int height) { return image(SPICE_BITMAP_FMT_32BIT, width, height); }

static QXLDrawable *opaque(QXLRect box, QXLImage *image, QXLBrush brush, uint16_t ropd, QXLQMask mask)
{
    QXLDrawable *result = drawable(QXL_DRAW_OPAQUE, box);
    result->u.opaque = (QXLOpaque){
        .src_bitmap = (uintptr_t)image,
        .src_area = rect(0, 0, image->descriptor.width, image->descriptor.height),
        .brush = brush,
        .rop_descriptor = ropd,
        .mask = mask,
    };
    return result;
}

static QXLDrawable *blend(QXLRect box, QXLImage *image, uint16_t ropd, QXLQMask mask)
{
    QXLRect area = rect(0, 0, image->descriptor.width, image->descriptor.height);
    QXLDrawable *result = copy(box, image, area, ropd, SPICE_IMAGE_SCALE_MODE_NEAREST, mask);
    result->type = QXL_DRAW_BLEND;
    return result;
}

static QXLDrawable *rop3(QXLRect box, QXLImage *image, QXLBrush brush, uint8_t code, QXLQMask mask)
{
    QXLDrawable *result = drawable(QXL_DRAW_ROP3, box);
    result->u.rop3 = (QXLRop3){
        .src_bitmap = (uintptr_t)image,
        .src_area = rect(0, 0, image->descriptor.width, image->descriptor.height),
        .brush = brush,
        .rop3 = code,
        .mask = mask,
    };
    return result;
}

/* Every raster operation, with every set of inverted operands, of each message that has one: 7 × 16 × 5. */
bool scene_ropds(int step)
{
    static const uint16_t OPERATIONS[] = {
        SPICE_ROPD_OP_PUT,       SPICE_ROPD_OP_OR,        SPICE_ROPD_OP_AND,    SPICE_ROPD_OP_XOR,
        SPICE_ROPD_OP_BLACKNESS, SPICE_ROPD_OP_WHITENESS, SPICE_ROPD_OP_INVERS,
    };
    static const uint16_t INVERTED[] = { SPICE_ROPD_INVERS_SRC, SPICE_ROPD_INVERS_BRUSH, SPICE_ROPD_INVERS_DEST,
                                         SPICE_ROPD_INVERS_RES };
    enum { SETS = 16, PER_MESSAGE = COUNT(OPERATIONS) * SETS };
    if (step == 0) return background(), true;
    int message = (step - 1) / PER_MESSAGE, n = (step - 1) % PER_MESSAGE;
    uint16_t ropd = OPERATIONS[n / SETS];
    for (int i = 0; i < COUNT(INVERTED); i++)
        if (n % SETS & 1 << i) ropd |= INVERTED[i];
    QXLRect box = cell(step - 1, 20, 16);
    QXLImage *pixels = source(20, 16);
    switch (message) {
    case 0: draw(fill(box, solid(0x12a0f3), ropd, no_mask())); return true;
    case 1: draw(fill(box, pattern(source(6, 5), 1, 2), ropd, no_mask())); return true;
    case 2: draw(copy(box, pixels, rect(0, 0, 20, 16), ropd, SPICE_IMAGE_SCALE_MODE_NEAREST, no_mask())); return true;
    case 3: draw(opaque(box, pixels, solid(0x12a0f3), ropd, no_mask())); return true;
    case 4: draw(blend(box, pixels, ropd, no_mask())); return true;
    default: return false;
    }
}

/* Whether a ternary operation depends on pattern, source and destination: bits 2, 1 and 0 of the index into its code.
 */
static bool needs_all(uint8_t code)
{
    bool pattern = (code >> 4 & 0x0f) != (code & 0x0f);
    bool source = (code >> 2 & 0x33) != (code & 0x33);
    bool destination = (code >> 1 & 0x55) != (code & 0x55);
    return pattern && source && destination;
}

static bool play_rop3(int step, bool all)
{
    if (step == 0) return background(), true;
    int n = step - 1;
    for (int code = 0; code < 512; code++) {
        if (needs_all(code) != all || n-- > 0) continue;
        QXLBrush brush = code < 256 ? solid(0xf0a050) : pattern(source(8, 8), 0, 0);
        draw(rop3(cell(code, 20, 16), source(20, 16), brush, code, no_mask()));
        return true;
    }
    return false;
}

/* The 218 ternary operations that need all operands, with a colour, then with a pattern. */
bool scene_rop3(int step) { return play_rop3(step, true); }
/* The other 38, for which drivers have simpler messages. */
bool scene_rop3_degenerate(int step) { return play_rop3(step, false); }

/* A drawing command of each kind that has a mask. */
static QXLDrawable *masked(int kind, QXLRect box, QXLQMask mask)
{
    QXLDrawable *result;
    int width = box.right - box.left, height = box.bottom - box.top;
    switch (kind) {
    case 0: return fill(box, solid(0xff8000), SPICE_ROPD_OP_PUT, mask);
    case 1: return fill(box, pattern(source(8, 8), 0, 0), SPICE_ROPD_OP_XOR, mask);
    case 2:
        return copy(box, source(width, height), rect(0, 0, width, height), SPICE_ROPD_OP_PUT,
                    SPICE_IMAGE_SCALE_MODE_NEAREST, mask);
    case 3:
        return copy(box, source(width, height), rect(0, 0, width, height), SPICE_ROPD_OP_XOR,
                    SPICE_IMAGE_SCALE_MODE_NEAREST, mask);
    case 4: return opaque(box, source(width, height), solid(0x00ff00), SPICE_ROPD_OP_AND, mask);
    case 5: return blend(box, source(width, height), SPICE_ROPD_OP_OR, mask);
    case 6: return rop3(box, source(width, height), solid(0xf0a050), 0x96, mask);
    case 7:
        result = drawable(QXL_DRAW_BLACKNESS, box);
        result->u.blackness.mask = mask;
        return result;
    case 8:
        result = drawable(QXL_DRAW_WHITENESS, box);
        result->u.whiteness.mask = mask;
        return result;
    case 9:
        result = drawable(QXL_DRAW_INVERS, box);
        result->u.invers.mask = mask;
        return result;
    default: return NULL;
    }
}

/* Each kind with a mask: plain, shifted, inverse, and inverse with a clip. */
bool scene_masks(int step)
{
    enum { VARIANTS = 4 };
    if (step == 0) return background(), true;
    int variant = (step - 1) % VARIANTS, shift = variant == 0 ? 0 : 3;
    QXLRect box = cell(step - 1, 64, 48);
    QXLDrawable *result = masked((step - 1) / VARIANTS, box, mask(64, 48, shift, shift, variant >= 2));
    if (!result) return false;
    if (variant == 3) clip_corners(result);
    draw(result);
    return true;
}

/* Each kind with a clip: four corners, one pixel, beyond the box, rectangles that touch. */
bool scene_clips(int step)
{
    enum { VARIANTS = 4 };
    if (step == 0) return background(), true;
    int variant = (step - 1) % VARIANTS;
    QXLRect box = cell(step - 1, 64, 48);
    QXLDrawable *result = masked((step - 1) / VARIANTS, box, no_mask());
    if (!result) return false;
    if (variant == 0) clip_corners(result);
    if (variant == 1) set_clip(result, 1, (QXLRect[]){ rect(box.left + 30, box.top + 20, 1, 1) });
    if (variant == 2) set_clip(result, 1, (QXLRect[]){ rect(box.left - 20, box.top + 10, 50, 100) });
    if (variant == 3)
        set_clip(result, 2, (QXLRect[]){ rect(box.left, box.top, 20, 20), rect(box.left + 20, box.top, 20, 30) });
    draw(result);
    return true;
}

/* Moves in eight directions and by nothing, overlapping and not, with clips; then a long scroll. */
bool scene_copy_bits(int step)
{
    enum { MOVES = 9 * 3, SCROLLS = 40 };
    if (step == 0) return background(), true;
    int n = step - 1;
    QXLDrawable *move;
    if (n < MOVES) {
        int dx = n % 3 - 1, dy = n / 3 % 3 - 1, distance = n / 9 == 0 ? 5 : 30;
        QXLRect box = rect(100 + n % 9 * 55, 60 + n / 9 * 100, 40, 40);
        QXLPoint from = { box.left + dx * distance, box.top + dy * distance };
        move = drawable(QXL_COPY_BITS, box);
        move->u.copy_bits.src_pos = from;
        reads_surface(move, 0, 0, rect(from.x, from.y, 40, 40));
        if (n / 9 == 2) clip_corners(move);
    } else if (n < MOVES + SCROLLS) {
        move = drawable(QXL_COPY_BITS, rect(0, 360, 640, 104));
        move->u.copy_bits.src_pos = (QXLPoint){ 0, 376 };
        reads_surface(move, 0, 0, rect(0, 376, 640, 104));
        draw(move);
        draw_fill(rect(0, 464, 640, 16), 0x010305 * n);
        return true;
    } else
        return false;
    draw(move);
    return true;
}
