/* Scenes of blending, compositing, strokes and text. */
#include "generator.h"

#include <string.h>

static void background(void)
{
    draw_fill(rect(0, 0, on_display->width, on_display->height), 0x336699);
    draw_fill(rect(0, 0, on_display->width / 2, on_display->height), 0xc0a080);
}

/* TRANSPARENT, then ALPHA_BLEND with each kind of image at several alphas. */
bool scene_blends(int step)
{
    static const uint8_t ALPHAS[] = { 0, 1, 64, 128, 200, 254, 255 };
    static const uint8_t FORMATS[] = { SPICE_BITMAP_FMT_16BIT, SPICE_BITMAP_FMT_24BIT, SPICE_BITMAP_FMT_32BIT,
                                       SPICE_BITMAP_FMT_RGBA };
    enum { TRANSPARENTS = 6 };
    if (step == 0) return background(), true;
    int n = step - 1;
    QXLRect box = cell(n, 64, 48);
    if (n < TRANSPARENTS) {
        QXLImage *pixels = image(SPICE_BITMAP_FMT_32BIT, 64, 48);
        uint32_t *row = (uint32_t *)image_rows(pixels), key = n < 3 ? 0xff00ff : 0x00ffffff;
        for (int i = 0; i < 64 * 48; i++)
            if (i / 7 & 1) row[i] = key;
        QXLDrawable *result = drawable(QXL_DRAW_TRANSPARENT, box);
        result->u.transparent = (QXLTransparent){
            .src_bitmap = (uintptr_t)pixels,
            .src_area = n % 3 == 1 ? rect(10, 10, 32, 24) : rect(0, 0, 64, 48),
            .src_color = key,
            .true_color = key,
        };
        if (n % 3 == 2) clip_corners(result);
        draw(result);
        return true;
    }
    n -= TRANSPARENTS;
    if (n >= COUNT(ALPHAS) * COUNT(FORMATS)) return false;
    QXLDrawable *result = drawable(QXL_DRAW_ALPHA_BLEND, box);
    result->u.alpha_blend = (QXLAlphaBlend){
        .alpha = ALPHAS[n % COUNT(ALPHAS)],
        .src_bitmap = (uintptr_t)image(FORMATS[n / COUNT(ALPHAS)], 64, 48),
        .src_area = n & 1 ? rect(16, 12, 32, 24) : rect(0, 0, 64, 48),
    };
    draw(result);
    return true;
}

static uintptr_t scaling(double factor)
{
    QXLTransform *transform = NEW(QXLTransform);
    /* 16.16 fixed point. */
    transform->t00 = transform->t11 = factor * 0x10000;
    return (uintptr_t)transform;
}

/* Every operator: plain; with a mask; with a scaled, filtered and repeated source. Then each repeat. */
bool scene_composite(int step)
{
    enum { OPERATORS = QXL_OP_SATURATE + 1 + QXL_OP_HSL_LUMINOSITY - QXL_OP_MULTIPLY + 1, REPEATS = 4 };
    enum { SOURCE_FILTER = 8, MASK_FILTER = 11, SOURCE_REPEAT = 14, MASK_REPEAT = 16, COMPONENT_ALPHA = 18 };
    if (step == 0) return background(), true;
    int n = step - 1, variant = n / OPERATORS, operator= n % OPERATORS;
    if (operator> QXL_OP_SATURATE) operator+= QXL_OP_MULTIPLY - QXL_OP_SATURATE - 1;
    QXLDrawable *result = drawable(QXL_DRAW_COMPOSITE, cell(n, 40, 32));
    QXLComposite *composite = &result->u.composite;
    *composite = (QXLComposite){ .flags = operator, .src =(uintptr_t) image(SPICE_BITMAP_FMT_RGBA, 40, 32) };
    switch (variant) {
    case 0: break;
    case 1:
        composite->mask = (uintptr_t)image(SPICE_BITMAP_FMT_8BIT_A, 40, 32);
        composite->mask_origin = (QXLPoint16){ 2, 3 };
        break;
    case 2:
        composite->src = (uintptr_t)image(SPICE_BITMAP_FMT_32BIT, 20, 16);
        composite->src_transform = scaling(.75);
        composite->flags |= 1 << SOURCE_FILTER | 1 << SOURCE_REPEAT;
        break;
    case 3:
        if (n % OPERATORS >= REPEATS) return false;
        composite->flags = QXL_OP_OVER | (n % OPERATORS) << SOURCE_REPEAT | (n % OPERATORS) << MASK_REPEAT |
                           1 << MASK_FILTER | 1 << COMPONENT_ALPHA;
        composite->src = (uintptr_t)image(SPICE_BITMAP_FMT_RGBA, 16, 12);
        composite->src_origin = (QXLPoint16){ -5, -4 };
        composite->mask = (uintptr_t)image(SPICE_BITMAP_FMT_RGBA, 16, 12);
        composite->mask_transform = scaling(.5);
        break;
    default: return false;
    }
    draw(result);
    return true;
}

/* A path of segments: each is flags, then points in pixels. */
typedef struct {
    uint32_t flags;
    int count;
    struct {
        double x, y;
    } points[8];
} Segment;

static uintptr_t path(int x, int y, int count, const Segment *segments)
{
    size_t size = 0;
    for (int i = 0; i < count; i++) size += sizeof(QXLPathSeg) + segments[i].count * sizeof(QXLPointFix);
    QXLPath *path = new_memory(sizeof *path + size);
    path->data_size = path->chunk.data_size = size;
    uint8_t *at = path->chunk.data;
    for (int i = 0; i < count; i++) {
        QXLPathSeg *segment = (QXLPathSeg *)at;
        *segment = (QXLPathSeg){ .flags = segments[i].flags, .count = segments[i].count };
        for (int p = 0; p < segments[i].count; p++)
            segment->points[p] =
                (QXLPointFix){ (x + segments[i].points[p].x) * 16, (y + segments[i].points[p].y) * 16 };
        at += sizeof *segment + segments[i].count * sizeof(QXLPointFix);
    }
    return (uintptr_t)path;
}

/* Four shapes × plain, styled (with each start), pattern, each raster operation, clip. */
bool scene_strokes(int step)
{
    enum { WHOLE = QXL_PATH_BEGIN | QXL_PATH_END };
    static const Segment LINE[] = { { WHOLE, 2, { { 3, 4 }, { 57, 40 } } } };
    static const Segment STAR[] = {
        { WHOLE | QXL_PATH_CLOSE, 5, { { 30, 2 }, { 45, 44 }, { 4, 16 }, { 56, 16 }, { 15, 44 } } }
    };
    static const Segment CURVE[] = {
        { QXL_PATH_BEGIN, 1, { { 4, 40 } } },
        { QXL_PATH_BEZIER, 3, { { 20, -20 }, { 40, 70 }, { 58, 6 } } },
        { QXL_PATH_END, 1, { { 58, 40 } } },
    };
    static const Segment SUBPIXEL[] = {
        { WHOLE, 4, { { 2.25, 3.5 }, { 30.5, 3.5 }, { 30.75, 40.125 }, { 58.5, 40.875 } } }
    };
    static const struct {
        const Segment *segments;
        int count;
    } SHAPES[] = { { LINE, 1 }, { STAR, 1 }, { CURVE, 3 }, { SUBPIXEL, 1 } };
    static const QXLFIXED DASHES[] = { 4 << 4, 3 << 4, 1 << 4, 3 << 4 };
    static const uint16_t ROPDS[] = {
        SPICE_ROPD_OP_OR,
        SPICE_ROPD_OP_AND,
        SPICE_ROPD_OP_XOR,
        SPICE_ROPD_OP_INVERS,
        SPICE_ROPD_OP_BLACKNESS,
        SPICE_ROPD_OP_WHITENESS,
        SPICE_ROPD_OP_PUT | SPICE_ROPD_INVERS_BRUSH,
    };
    enum { VARIANTS = 6 + COUNT(ROPDS) };
    if (step == 0) return background(), true;
    int n = step - 1, shape = n / VARIANTS, variant = n % VARIANTS;
    if (shape >= COUNT(SHAPES)) return false;
    QXLRect box = cell(n, 64, 48);
    QXLDrawable *result = drawable(QXL_DRAW_STROKE, box);
    QXLStroke *stroke = &result->u.stroke;
    stroke->path = path(box.left, box.top, SHAPES[shape].count, SHAPES[shape].segments);
    stroke->brush = solid(0xffff00);
    stroke->fore_mode = stroke->back_mode = SPICE_ROPD_OP_PUT;
    if (variant == 1 || variant == 2) {
        stroke->attr.flags = SPICE_LINE_FLAGS_STYLED | (variant == 2 ? SPICE_LINE_FLAGS_START_WITH_GAP : 0);
        stroke->attr.style_nseg = COUNT(DASHES);
        stroke->attr.style = (uintptr_t)memcpy(new_memory(sizeof DASHES), DASHES, sizeof DASHES);
    }
    if (variant == 3) stroke->brush = pattern(photo(SPICE_BITMAP_FMT_32BIT, 8, 8, 5), 0, 0);
    if (variant == 4) clip_corners(result);
    if (variant == 5) stroke->brush = no_brush();
    if (variant >= 6) stroke->fore_mode = ROPDS[variant - 6];
    draw(result);
    return true;
}

enum { GLYPH = 8, GLYPHS = 4 };

/* A string of crossed boxes, 8×8 pixels each, at a base line. */
static uintptr_t string(int x, int y, uint16_t flags)
{
    int bits = flags & SPICE_STRING_FLAGS_RASTER_A1 ? 1 : flags & SPICE_STRING_FLAGS_RASTER_A4 ? 4 : 8;
    size_t glyph_size = sizeof(QXLRasterGlyph) + GLYPH * bits;
    QXLString *string = new_memory(sizeof *string + GLYPHS * glyph_size);
    string->data_size = string->chunk.data_size = GLYPHS * glyph_size;
    string->length = GLYPHS;
    string->flags = flags;
    for (int i = 0; i < GLYPHS; i++) {
        QXLRasterGlyph *glyph = (QXLRasterGlyph *)(string->chunk.data + i * glyph_size);
        *glyph = (QXLRasterGlyph){
            .render_pos = { x + i * (GLYPH + 1), y },
            .glyph_origin = { 0, -GLYPH },
            .width = GLYPH,
            .height = GLYPH,
        };
        for (int row = 0; row < GLYPH; row++)
            for (int column = 0; column < GLYPH; column++) {
                if (row != column && row + column != GLYPH - 1 && row != i && column != 0) continue;
                if (bits == 1)
                    glyph->data[row] |= 0x80 >> column;
                else if (bits == 4)
                    glyph->data[row * 4 + column / 2] |= (row + 5) << (column & 1 ? 0 : 4);
                else
                    glyph->data[row * 8 + column] = 60 + row * 25;
            }
    }
    return (uintptr_t)string;
}

/* Each depth of glyphs, both ways up × front and back brushes, raster operations, clip. */
bool scene_text(int step)
{
    static const uint16_t DEPTHS[] = { SPICE_STRING_FLAGS_RASTER_A1, SPICE_STRING_FLAGS_RASTER_A4,
                                       SPICE_STRING_FLAGS_RASTER_A8 };
    enum { VARIANTS = 9 };
    if (step == 0) return background(), true;
    int n = step - 1, depth = n / (2 * VARIANTS), variant = n % VARIANTS;
    if (depth >= COUNT(DEPTHS)) return false;
    uint16_t flags = DEPTHS[depth] | (n / VARIANTS & 1 ? SPICE_STRING_FLAGS_RASTER_TOP_DOWN : 0);
    QXLRect box = cell(n, 64, 32);
    QXLRect back = rect(box.left + 4, box.top + 4, 48, 20);
    QXLDrawable *result = drawable(QXL_DRAW_TEXT, box);
    QXLText *text = &result->u.text;
    *text = (QXLText){
        .str = string(box.left + 8, box.top + 18, flags),
        .fore_brush = solid(0xffffff),
        .back_brush = no_brush(),
        .fore_mode = SPICE_ROPD_OP_PUT,
        .back_mode = SPICE_ROPD_OP_PUT,
    };
    switch (variant) {
    case 1: text->back_area = back, text->back_brush = solid(0x202080); break;
    case 2: text->fore_brush = pattern(photo(SPICE_BITMAP_FMT_32BIT, 8, 8, 2), 0, 0); break;
    case 3: text->back_area = back, text->back_brush = pattern(image(SPICE_BITMAP_FMT_32BIT, 8, 8), 0, 0); break;
    case 4: text->fore_mode = SPICE_ROPD_OP_XOR; break;
    case 5: text->back_area = back, text->back_brush = solid(0x808080), text->back_mode = SPICE_ROPD_OP_OR; break;
    case 6: clip_corners(result); break;
    case 7: text->fore_mode = SPICE_ROPD_OP_AND; break;
    case 8: text->fore_mode = SPICE_ROPD_OP_INVERS; break;
    }
    draw(result);
    return true;
}
