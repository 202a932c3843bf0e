/* The pieces of drawing commands. */
#include "generator.h"

#include <math.h>
#include <string.h>

Display *on_display = &displays[0];
uint32_t on_surface;

static uint64_t next_release = 1;
static uint32_t next_image = 1;
static uint64_t next_palette = 1000;

/* By SPICE_BITMAP_FMT. */
static const uint8_t BITS_PER_PIXEL[] = { 0, 1, 1, 4, 4, 8, 16, 24, 32, 32, 8 };

QXLRect rect(int x, int y, int width, int height)
{
    return (QXLRect){ .left = x, .top = y, .right = x + width, .bottom = y + height };
}

QXLRect cell(int n, int width, int height)
{
    int columns = on_display->width / width;
    return rect(n % columns * width, n / columns * height, width, height);
}

QXLPalette *palette(uint64_t id, int entries, uint32_t seed)
{
    QXLPalette *palette = new_memory(sizeof *palette + entries * sizeof(uint32_t));
    palette->unique = id;
    palette->num_ents = entries;
    for (int i = 0; i < entries; i++) {
        uint32_t v = i * 255 / (entries - 1);
        palette->ents[i] = (v << 16 | (255 - v) << 8 | (v * 3 & 255)) ^ seed;
    }
    return palette;
}

/* A pixel of the pattern: three gradients, with noise for a photograph. */
static void colour_at(int x, int y, int width, int height, uint32_t *noise, int *r, int *g, int *b)
{
    if (!*noise) {
        *r = x * 255 / width;
        *g = y * 255 / height;
        *b = (x + y) * 255 / (width + height);
        return;
    }
    *noise = *noise * 1664525 + 1013904223;
    *r = 120 + (int)(100 * sin(x * .05 + y * .013)) + (*noise >> 28);
    *g = 120 + (int)(100 * sin(y * .041 + 2)) + (*noise >> 24 & 15);
    *b = 120 + (int)(90 * sin((x + y) * .027)) + (*noise >> 20 & 15);
}

static QXLImage *make_image(int format, int width, int height, uint32_t noise)
{
    int stride = (width * BITS_PER_PIXEL[format] + 31) / 32 * 4;
    uint8_t *rows = new_memory((size_t)stride * height);
    for (int y = 0; y < height; y++) {
        uint8_t *row = rows + (size_t)y * stride;
        for (int x = 0; x < width; x++) {
            int r, g, b, chequer = (x / 4 + y / 4) & 1, nibble = (x / 2 + y / 2) & 15, alpha = x * 255 / width;
            colour_at(x, y, width, height, &noise, &r, &g, &b);
            switch (format) {
            case SPICE_BITMAP_FMT_1BIT_LE: row[x / 8] |= chequer << (x & 7); break;
            case SPICE_BITMAP_FMT_1BIT_BE: row[x / 8] |= chequer << (7 - (x & 7)); break;
            case SPICE_BITMAP_FMT_4BIT_LE: row[x / 2] |= nibble << (x & 1 ? 4 : 0); break;
            case SPICE_BITMAP_FMT_4BIT_BE: row[x / 2] |= nibble << (x & 1 ? 0 : 4); break;
            case SPICE_BITMAP_FMT_8BIT: row[x] = x * 2 + y; break;
            case SPICE_BITMAP_FMT_16BIT: ((uint16_t *)row)[x] = r >> 3 << 10 | g >> 3 << 5 | b >> 3; break;
            case SPICE_BITMAP_FMT_24BIT: row[3 * x] = b, row[3 * x + 1] = g, row[3 * x + 2] = r; break;
            case SPICE_BITMAP_FMT_32BIT: ((uint32_t *)row)[x] = r << 16 | g << 8 | b; break;
            case SPICE_BITMAP_FMT_RGBA: /* colours times alpha */
                ((uint32_t *)row)[x] =
                    (uint32_t)alpha << 24 | r * alpha / 255 << 16 | g * alpha / 255 << 8 | b * alpha / 255;
                break;
            case SPICE_BITMAP_FMT_8BIT_A: row[x] = alpha; break;
            }
        }
    }
    QXLImage *image = NEW(QXLImage);
    QXL_SET_IMAGE_ID(image, QXL_IMAGE_GROUP_DRIVER, next_image);
    next_image++;
    image->descriptor.type = SPICE_IMAGE_TYPE_BITMAP;
    image->descriptor.width = width;
    image->descriptor.height = height;
    image->bitmap = (QXLBitmap){
        .format = format,
        .flags = QXL_BITMAP_TOP_DOWN | QXL_BITMAP_DIRECT,
        .x = width,
        .y = height,
        .stride = stride,
        .data = (uintptr_t)rows,
    };
    int bits = BITS_PER_PIXEL[format];
    if (format <= SPICE_BITMAP_FMT_8BIT) with_palette(image, palette(next_palette++, 1 << bits, 0));
    return image;
}

QXLImage *image(int format, int width, int height) { return make_image(format, width, height, 0); }

QXLImage *photo(int format, int width, int height, uint32_t seed)
{
    return make_image(format, width, height, seed * 2654435761u + 1);
}

QXLImage *surface_image(uint32_t surface, int width, int height)
{
    QXLImage *image = NEW(QXLImage);
    QXL_SET_IMAGE_ID(image, QXL_IMAGE_GROUP_DRIVER, next_image);
    next_image++;
    image->descriptor.type = SPICE_IMAGE_TYPE_SURFACE;
    image->descriptor.width = width;
    image->descriptor.height = height;
    image->surface_image.surface_id = surface;
    return image;
}

uint8_t *image_rows(QXLImage *image) { return (uint8_t *)(uintptr_t)image->bitmap.data; }

QXLImage *bottom_up(QXLImage *image)
{
    image->bitmap.flags &= ~QXL_BITMAP_TOP_DOWN;
    return image;
}

QXLImage *in_chunks(QXLImage *image, int chunks)
{
    size_t rows = image->bitmap.y, stride = image->bitmap.stride;
    const uint8_t *pixels = image_rows(image);
    QXLDataChunk *last = NULL;
    for (int i = 0; i < chunks; i++) {
        size_t from = rows * i / chunks * stride, to = rows * (i + 1) / chunks * stride;
        QXLDataChunk *chunk = new_memory(sizeof *chunk + to - from);
        chunk->data_size = to - from;
        memcpy(chunk->data, pixels + from, to - from);
        chunk->prev_chunk = (uintptr_t)last;
        if (last)
            last->next_chunk = (uintptr_t)chunk;
        else
            image->bitmap.data = (uintptr_t)chunk;
        last = chunk;
    }
    image->bitmap.flags &= ~QXL_BITMAP_DIRECT;
    return image;
}

QXLImage *cached(QXLImage *image)
{
    image->descriptor.flags |= QXL_IMAGE_CACHE;
    return image;
}

QXLImage *blocks(int width, int height, uint32_t seed)
{
    enum { SIZE = 16 };
    QXLImage *blocks = image(SPICE_BITMAP_FMT_32BIT, width, height);
    uint32_t *pixels = (uint32_t *)image_rows(blocks);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            pixels[y * width + x] = (x / SIZE + 1) * (y / SIZE + 1) * (seed + 1) * 2654435761u & 0xffffff;
    return blocks;
}

QXLImage *with_palette(QXLImage *image, QXLPalette *palette)
{
    image->bitmap.palette = (uintptr_t)palette;
    return image;
}

QXLBrush no_brush(void) { return (QXLBrush){ .type = SPICE_BRUSH_TYPE_NONE }; }
QXLBrush solid(uint32_t colour) { return (QXLBrush){ .type = SPICE_BRUSH_TYPE_SOLID, .u.color = colour }; }

QXLBrush pattern(QXLImage *image, int x, int y)
{
    QXLPattern pattern = { .pat = (uintptr_t)image, .pos = { x, y } };
    return (QXLBrush){ .type = SPICE_BRUSH_TYPE_PATTERN, .u.pattern = pattern };
}

QXLQMask no_mask(void) { return (QXLQMask){ 0 }; }

QXLQMask mask(int width, int height, int x, int y, bool inverse)
{
    QXLImage *bitmap = with_palette(image(SPICE_BITMAP_FMT_1BIT_BE, width + x, height + y), NULL);
    return (QXLQMask){ .flags = inverse ? SPICE_MASK_FLAGS_INVERS : 0, .pos = { x, y }, .bitmap = (uintptr_t)bitmap };
}

QXLDrawable *drawable(uint8_t type, QXLRect box)
{
    QXLDrawable *drawable = NEW(QXLDrawable);
    drawable->release_info.id = next_release++;
    drawable->surface_id = on_surface;
    drawable->type = type;
    /* "Blend" promises nothing about what is below, which is never wrong. */
    drawable->effect = QXL_EFFECT_BLEND;
    drawable->bbox = box;
    drawable->clip.type = SPICE_CLIP_TYPE_NONE;
    for (int i = 0; i < 3; i++) drawable->surfaces_dest[i] = -1;
    return drawable;
}

void set_clip(QXLDrawable *drawable, int count, const QXLRect *rects)
{
    QXLClipRects *clip = new_memory(sizeof *clip + count * sizeof *rects);
    clip->num_rects = count;
    clip->chunk.data_size = count * sizeof *rects;
    memcpy(clip->chunk.data, rects, count * sizeof *rects);
    drawable->clip = (QXLClip){ .type = SPICE_CLIP_TYPE_RECTS, .data = (uintptr_t)clip };
}

void clip_corners(QXLDrawable *drawable)
{
    QXLRect box = drawable->bbox;
    int width = (box.right - box.left) * 2 / 5, height = (box.bottom - box.top) * 2 / 5;
    QXLRect corners[] = {
        rect(box.left, box.top, width, height),
        rect(box.right - width, box.top, width, height),
        rect(box.left, box.bottom - height, width, height),
        rect(box.right - width, box.bottom - height, width, height),
    };
    set_clip(drawable, COUNT(corners), corners);
}

void reads_surface(QXLDrawable *drawable, int slot, uint32_t surface, QXLRect area)
{
    drawable->surfaces_dest[slot] = surface;
    drawable->surfaces_rects[slot] = area;
}

void draw(QXLDrawable *drawable) { push_draw_command(on_display, QXL_CMD_DRAW, drawable); }

QXLDrawable *fill(QXLRect box, QXLBrush brush, uint16_t ropd, QXLQMask mask)
{
    QXLDrawable *result = drawable(QXL_DRAW_FILL, box);
    result->u.fill = (QXLFill){ .brush = brush, .rop_descriptor = ropd, .mask = mask };
    return result;
}

QXLDrawable *copy(QXLRect box, QXLImage *image, QXLRect area, uint16_t ropd, uint8_t scale_mode, QXLQMask mask)
{
    QXLDrawable *result = drawable(QXL_DRAW_COPY, box);
    result->u.copy = (QXLCopy){
        .src_bitmap = (uintptr_t)image,
        .src_area = area,
        .rop_descriptor = ropd,
        .scale_mode = scale_mode,
        .mask = mask,
    };
    return result;
}

void draw_fill(QXLRect box, uint32_t colour)
{
    QXLDrawable *opaque = fill(box, solid(colour), SPICE_ROPD_OP_PUT, no_mask());
    opaque->effect = QXL_EFFECT_OPAQUE;
    draw(opaque);
}

void draw_copy(QXLRect box, QXLImage *image)
{
    QXLRect area = rect(0, 0, image->descriptor.width, image->descriptor.height);
    QXLDrawable *opaque = copy(box, image, area, SPICE_ROPD_OP_PUT, SPICE_IMAGE_SCALE_MODE_NEAREST, no_mask());
    opaque->effect = QXL_EFFECT_OPAQUE;
    draw(opaque);
}

void create_surface(uint32_t surface, uint32_t format, int width, int height)
{
    /* A format's lower six bits are its size. */
    int stride = (width * (int)(format & 63) + 31) / 32 * 4;
    QXLSurfaceCmd *command = NEW(QXLSurfaceCmd);
    command->release_info.id = next_release++;
    command->surface_id = surface;
    command->type = QXL_SURFACE_CMD_CREATE;
    command->u.surface_create = (QXLSurface){
        .format = format,
        .width = width,
        .height = height,
        .stride = -stride,
        .data = (uintptr_t)new_memory((size_t)stride * height),
    };
    push_draw_command(on_display, QXL_CMD_SURFACE, command);
}

void destroy_surface(uint32_t surface)
{
    QXLSurfaceCmd *command = NEW(QXLSurfaceCmd);
    command->release_info.id = next_release++;
    command->surface_id = surface;
    command->type = QXL_SURFACE_CMD_DESTROY;
    push_draw_command(on_display, QXL_CMD_SURFACE, command);
}
