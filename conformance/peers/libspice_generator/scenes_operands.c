/* Scenes of the operands of drawing commands: every kind of image as source, brush and mask of each; every mode. */
#include "generator.h"

#include <string.h>

enum { WIDTH = 32, HEIGHT = 24, SURFACE = 1 };

static void background(void)
{
    draw_fill(rect(0, 0, on_display->width, on_display->height), 0x336699);
    draw_fill(rect(0, 0, on_display->width / 2, on_display->height), 0xc0a080);
}

/* Where an image can stand in a drawing command. */
enum {
    FILL_BRUSH,
    OPAQUE_SOURCE,
    OPAQUE_BRUSH,
    BLEND_SOURCE,
    ROP3_SOURCE,
    ROP3_BRUSH,
    STROKE_BRUSH,
    TEXT_FORE,
    TEXT_BACK,
    TRANSPARENT_SOURCE,
    ALPHA_BLEND_SOURCE,
    COMPOSITE_SOURCE,
    COMPOSITE_MASK,
    SLOTS,
};

static QXLRect whole(void) { return rect(0, 0, WIDTH, HEIGHT); }

static uintptr_t diagonal(QXLRect box)
{
    enum { POINTS = 2 };
    size_t size = sizeof(QXLPathSeg) + POINTS * sizeof(QXLPointFix);
    QXLPath *path = new_memory(sizeof *path + size);
    path->data_size = path->chunk.data_size = size;
    QXLPathSeg *segment = (QXLPathSeg *)path->chunk.data;
    *segment = (QXLPathSeg){ .flags = QXL_PATH_BEGIN | QXL_PATH_END, .count = POINTS };
    segment->points[0] = (QXLPointFix){ box.left << 4, box.top << 4 };
    segment->points[1] = (QXLPointFix){ (box.right - 1) << 4, (box.bottom - 1) << 4 };
    return (uintptr_t)path;
}

/* One block of 8 × 8 pixels, its lower half 1 bit a pixel. */
static uintptr_t letter(QXLRect box, int length)
{
    enum { SIZE = 8 };
    size_t glyph_size = sizeof(QXLRasterGlyph) + SIZE;
    QXLString *string = new_memory(sizeof *string + glyph_size);
    string->data_size = string->chunk.data_size = length * glyph_size;
    string->length = length;
    string->flags = SPICE_STRING_FLAGS_RASTER_A1;
    QXLRasterGlyph *glyph = (QXLRasterGlyph *)string->chunk.data;
    *glyph = (QXLRasterGlyph){
        .render_pos = { box.left + SIZE, box.top + 2 * SIZE },
        .glyph_origin = { 0, -SIZE },
        .width = SIZE,
        .height = SIZE,
    };
    memset(glyph->data, 0xe7, SIZE);
    return (uintptr_t)string;
}

static QXLDrawable *text(QXLRect box, int length)
{
    QXLDrawable *result = drawable(QXL_DRAW_TEXT, box);
    result->u.text = (QXLText){
        .str = letter(box, length),
        .fore_brush = solid(0xffffff),
        .back_brush = solid(0x202080),
        .fore_mode = SPICE_ROPD_OP_PUT,
        .back_mode = SPICE_ROPD_OP_PUT,
    };
    return result;
}

static QXLDrawable *stroke(QXLRect box)
{
    QXLDrawable *result = drawable(QXL_DRAW_STROKE, box);
    result->u.stroke = (QXLStroke){
        .path = diagonal(box),
        .brush = solid(0xffff00),
        .fore_mode = SPICE_ROPD_OP_PUT,
        .back_mode = SPICE_ROPD_OP_PUT,
    };
    return result;
}

static QXLImage *plain(int format) { return image(format, WIDTH, HEIGHT); }

/* A command with an image in a slot. */
static QXLDrawable *with_operand(int slot, QXLRect box, QXLImage *operand)
{
    QXLDrawable *result;
    uintptr_t address = (uintptr_t)operand, source = (uintptr_t)plain(SPICE_BITMAP_FMT_32BIT);
    switch (slot) {
    case FILL_BRUSH: return fill(box, pattern(operand, 0, 0), SPICE_ROPD_OP_PUT, no_mask());
    case OPAQUE_SOURCE:
    case OPAQUE_BRUSH:
        result = drawable(QXL_DRAW_OPAQUE, box);
        result->u.opaque = (QXLOpaque){
            .src_bitmap = slot == OPAQUE_SOURCE ? address : source,
            .src_area = whole(),
            .brush = slot == OPAQUE_BRUSH ? pattern(operand, 0, 0) : solid(0x00ff80),
            .rop_descriptor = slot == OPAQUE_BRUSH ? SPICE_ROPD_OP_AND : SPICE_ROPD_OP_PUT,
            .scale_mode = SPICE_IMAGE_SCALE_MODE_NEAREST,
        };
        return result;
    case BLEND_SOURCE:
        result = copy(box, operand, whole(), SPICE_ROPD_OP_XOR, SPICE_IMAGE_SCALE_MODE_NEAREST, no_mask());
        result->type = QXL_DRAW_BLEND;
        return result;
    case ROP3_SOURCE:
    case ROP3_BRUSH:
        result = drawable(QXL_DRAW_ROP3, box);
        result->u.rop3 = (QXLRop3){
            .src_bitmap = slot == ROP3_SOURCE ? address : source,
            .src_area = whole(),
            .brush = slot == ROP3_BRUSH ? pattern(operand, 0, 0) : solid(0x00ff80),
            .rop3 = 0x96,
            .scale_mode = SPICE_IMAGE_SCALE_MODE_NEAREST,
        };
        return result;
    case STROKE_BRUSH:
        result = stroke(box);
        result->u.stroke.brush = pattern(operand, 0, 0);
        return result;
    case TEXT_FORE:
        result = text(box, 1);
        result->u.text.fore_brush = pattern(operand, 0, 0);
        return result;
    case TEXT_BACK:
        result = text(box, 1);
        result->u.text.back_area = box;
        result->u.text.back_brush = pattern(operand, 0, 0);
        return result;
    case TRANSPARENT_SOURCE:
        result = drawable(QXL_DRAW_TRANSPARENT, box);
        result->u.transparent = (QXLTransparent){ .src_bitmap = address, .src_area = whole() };
        return result;
    case ALPHA_BLEND_SOURCE:
        result = drawable(QXL_DRAW_ALPHA_BLEND, box);
        result->u.alpha_blend = (QXLAlphaBlend){ .alpha = 200, .src_bitmap = address, .src_area = whole() };
        return result;
    case COMPOSITE_SOURCE:
    case COMPOSITE_MASK:
        result = drawable(QXL_DRAW_COMPOSITE, box);
        result->u.composite = (QXLComposite){
            .flags = QXL_OP_OVER,
            .src = slot == COMPOSITE_SOURCE ? address : source,
            .mask = slot == COMPOSITE_MASK ? address : 0,
        };
        return result;
    }
    return NULL;
}

/* Squares of colours in two gradients, other ones for each seed. */
static QXLImage *squares(uint32_t seed)
{
    enum { SIDE = 4 };
    QXLImage *result = plain(SPICE_BITMAP_FMT_32BIT);
    uint32_t *pixels = (uint32_t *)image_rows(result);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        uint32_t x = i % WIDTH / SIDE, y = i / WIDTH / SIDE;
        pixels[i] = (x * (0x1f0703 + seed * 0x30507) ^ y * (0x0b1d2b + seed * 0x70103)) & 0xffffff;
    }
    return result;
}

/* Each slot with an indexed image that is to be cached, the same from the cache, one whose high bits count, a surface.
 */
bool scene_operands(int step)
{
    enum { KINDS = 4 };
    static QXLImage *kept;
    if (step == 0) {
        background();
        create_surface(SURFACE, SPICE_SURFACE_FMT_32_xRGB, WIDTH, HEIGHT);
        on_surface = SURFACE;
        draw_fill(whole(), 0x8040c0);
        draw_fill(rect(4, 4, 12, 8), 0x40c080);
        on_surface = 0;
        return true;
    }
    int n = step - 1, slot = n / KINDS;
    if (slot >= SLOTS) return false;
    QXLRect box = cell(n, WIDTH, HEIGHT);
    QXLImage *high;
    QXLDrawable *result;
    switch (n % KINDS) {
    case 0: kept = cached(plain(SPICE_BITMAP_FMT_8BIT)); /* fall through */
    case 1: return draw(with_operand(slot, box, kept)), true;
    case 2:
        high = squares(n);
        high->descriptor.flags |= QXL_IMAGE_HIGH_BITS_SET;
        return draw(with_operand(slot, box, high)), true;
    default:
        if (slot == STROKE_BRUSH) return true; /* spice-gtk 0.42 aborts on it */
        result = with_operand(slot, box, surface_image(SURFACE, WIDTH, HEIGHT));
        reads_surface(result, 0, SURFACE, whole());
        return draw(result), true;
    }
}

/* With `jpeg=always`: each slot with a photograph, with one that has alpha, and with one that was sent lossy before.
 */
bool scene_operands_lossy(int step)
{
    enum { KINDS = 4 };
    static QXLImage *kept;
    if (step == 0) return background(), true;
    int n = step - 1, slot = n / KINDS;
    if (slot >= SLOTS) return false;
    QXLRect box = cell(n, WIDTH, HEIGHT);
    switch (n % KINDS) {
    case 0: return draw(with_operand(slot, box, photo(SPICE_BITMAP_FMT_32BIT, WIDTH, HEIGHT, n))), true;
    case 1: return draw(with_operand(slot, box, photo(SPICE_BITMAP_FMT_RGBA, WIDTH, HEIGHT, n))), true;
    case 2:
        kept = cached(photo(SPICE_BITMAP_FMT_32BIT, WIDTH, HEIGHT, n));
        return draw_copy(box, kept), true;
    default: /* what was lossy is replaced, then found to be lossless */
        draw(with_operand(slot, box, kept));
        flush_displays();
        return draw(with_operand(slot, box, kept)), true;
    }
}

enum { MASKED_COMMANDS = 8 };

/* A command that has a mask. */
static QXLDrawable *with_mask(int command, QXLRect box, QXLQMask through)
{
    QXLDrawable *result;
    switch (command) {
    case 0: return fill(box, solid(0xff8000), SPICE_ROPD_OP_PUT, through);
    case 1:
        return copy(box, squares(command), whole(), SPICE_ROPD_OP_PUT, SPICE_IMAGE_SCALE_MODE_NEAREST, through);
    case 2:
        result = with_operand(OPAQUE_SOURCE, box, squares(command));
        result->u.opaque.mask = through;
        return result;
    case 3:
        result = copy(box, squares(command), whole(), SPICE_ROPD_OP_XOR, SPICE_IMAGE_SCALE_MODE_NEAREST, through);
        result->type = QXL_DRAW_BLEND;
        return result;
    case 4:
        result = with_operand(ROP3_SOURCE, box, squares(command));
        result->u.rop3.mask = through;
        return result;
    case 5:
        result = drawable(QXL_DRAW_BLACKNESS, box);
        result->u.blackness.mask = through;
        return result;
    case 6:
        result = drawable(QXL_DRAW_WHITENESS, box);
        result->u.whiteness.mask = through;
        return result;
    default:
        result = drawable(QXL_DRAW_INVERS, box);
        result->u.invers.mask = through;
        return result;
    }
}

/* Each command that has a mask: one that is cached, the same from the cache, one whose high bits are said to count. */
bool scene_operands_masks(int step)
{
    enum { KINDS = 3 };
    static QXLImage *kept;
    if (step == 0) return background(), true;
    int n = step - 1;
    if (n / KINDS >= MASKED_COMMANDS) return false;
    QXLImage *bits = with_palette(plain(SPICE_BITMAP_FMT_1BIT_BE), NULL);
    if (n % KINDS == 0) kept = cached(bits);
    if (n % KINDS == 1) bits = kept;
    if (n % KINDS == 2) bits->descriptor.flags |= QXL_IMAGE_HIGH_BITS_SET;
    return draw(with_mask(n / KINDS, cell(n, WIDTH, HEIGHT), (QXLQMask){ .bitmap = (uintptr_t)bits })), true;
}

/* Raster operations of text and lines, before and behind; brushes that are none; flags of COMPOSITE. */
bool scene_modes(int step)
{
    static const uint16_t MODES[] = {
        SPICE_ROPD_OP_OR,         SPICE_ROPD_OP_AND,         SPICE_ROPD_OP_XOR,
        SPICE_ROPD_OP_BLACKNESS,  SPICE_ROPD_OP_WHITENESS,   SPICE_ROPD_OP_INVERS,
        SPICE_ROPD_OP_PUT | SPICE_ROPD_INVERS_SRC,           SPICE_ROPD_OP_PUT | SPICE_ROPD_INVERS_BRUSH,
        SPICE_ROPD_OP_AND | SPICE_ROPD_INVERS_DEST,          SPICE_ROPD_OP_PUT | SPICE_ROPD_INVERS_RES,
    };
    /* Bits of QXLComposite.flags: filters of the source from 8, of the mask from 11; opaque source, mask, target. */
    static const uint32_t FLAGS[] = { 1 << 9, 1 << 10, 1 << 12, 1 << 13, 1 << 22, 1 << 23, 1 << 24 };
    if (step == 0) return background(), true;
    int n = step - 1, mode = n % COUNT(MODES);
    QXLRect box = cell(n, WIDTH, HEIGHT);
    QXLDrawable *result;
    switch (n / COUNT(MODES)) {
    case 0:
        result = text(box, 1);
        result->u.text.fore_mode = MODES[mode];
        return draw(result), true;
    case 1:
        result = text(box, 1);
        result->u.text.back_area = box;
        result->u.text.back_mode = MODES[mode];
        return draw(result), true;
    case 2:
        result = stroke(box);
        result->u.stroke.fore_mode = MODES[mode];
        return draw(result), true;
    case 3:
        result = stroke(box);
        result->u.stroke.back_mode = MODES[mode];
        return draw(result), true;
    }
    n -= 4 * COUNT(MODES);
    if (n < COUNT(FLAGS)) {
        result = with_operand(COMPOSITE_MASK, box, image(SPICE_BITMAP_FMT_8BIT_A, WIDTH, HEIGHT));
        result->u.composite.flags |= FLAGS[n];
        return draw(result), true;
    }
    switch (n - COUNT(FLAGS)) {
    case 0:
        result = with_operand(OPAQUE_SOURCE, box, squares(n));
        result->u.opaque.brush = no_brush();
        break;
    case 1: result = text(box, 1), result->u.text.fore_brush = no_brush(); break;
    case 2:
        result = with_operand(ALPHA_BLEND_SOURCE, box, squares(n));
        result->u.alpha_blend.alpha_flags = SPICE_ALPHA_FLAGS_DEST_HAS_ALPHA;
        clip_corners(result);
        break;
    case 3: clip_corners(result = with_operand(COMPOSITE_SOURCE, box, squares(n))); break;
    default: return false;
    }
    return draw(result), true;
}

static bool draw_odd_mask(int n, QXLRect box)
{
    enum { KINDS = 2 };
    if (n / KINDS >= MASKED_COMMANDS) return false;
    QXLDrawable *result;
    if (n % KINDS == 0) {
        QXLImage *surface = surface_image(SURFACE, WIDTH, HEIGHT);
        result = with_mask(n / KINDS, box, (QXLQMask){ .bitmap = (uintptr_t)surface });
        reads_surface(result, 0, SURFACE, whole());
    } else {
        QXLImage *kept = cached(photo(SPICE_BITMAP_FMT_32BIT, WIDTH, HEIGHT, n));
        /* Elsewhere: before drawing upon what is lossy, libspice draws it itself, and aborts on what came before. */
        draw_copy(cell(63 - n, WIDTH, HEIGHT), kept);
        flush_displays();
        result = with_mask(n / KINDS, box, (QXLQMask){ .bitmap = (uintptr_t)kept });
    }
    return draw(result), true;
}

/* What spice-gtk 0.42 aborts on: each source as a surface that the command does not say it reads, which libspice leaves
 * out; lines with a surface as their brush, and with dashes of which there are none; ROP3 without a brush; text without letters; masks that are surfaces and, with
 * `jpeg=always`, photographs that were lossy before. */
bool scene_operands_bare(int step)
{
    static const QXLFIXED NO_DASHES[1];
    static const int SOURCES[] = { OPAQUE_SOURCE,      BLEND_SOURCE,       ROP3_SOURCE,
                                   TRANSPARENT_SOURCE, ALPHA_BLEND_SOURCE, COMPOSITE_SOURCE };
    if (step == 0) return scene_operands(0);
    int n = step - 1;
    QXLRect box = cell(n, WIDTH, HEIGHT);
    QXLDrawable *result;
    if (n < COUNT(SOURCES)) return draw(with_operand(SOURCES[n], box, surface_image(SURFACE, WIDTH, HEIGHT))), true;
    switch (n - COUNT(SOURCES)) {
    case 0:
        result = with_operand(STROKE_BRUSH, box, surface_image(SURFACE, WIDTH, HEIGHT));
        reads_surface(result, 0, SURFACE, whole());
        break;
    case 1:
        result = with_operand(ROP3_SOURCE, box, squares(n));
        result->u.rop3.brush = no_brush();
        result->u.rop3.rop3 = 0x66;
        break;
    case 2:
        result = stroke(box);
        result->u.stroke.attr.flags = SPICE_LINE_FLAGS_STYLED;
        result->u.stroke.attr.style = (uintptr_t)NO_DASHES;
        break;
    case 3: result = text(box, 0); break;
    default: return draw_odd_mask(n - COUNT(SOURCES) - 4, box);
    }
    return draw(result), true;
}
