/* Scenes of surfaces, caches, several displays and streams. */
#include "generator.h"

#include <math.h>
#include <time.h>

static void background(uint32_t colour) { draw_fill(rect(0, 0, on_display->width, on_display->height), colour); }

enum { SURFACE_WIDTH = 96, SURFACE_HEIGHT = 80 };

static QXLDrawable *copy_of_surface(QXLRect box, uint32_t surface, uint8_t scale_mode)
{
    QXLRect whole = rect(0, 0, SURFACE_WIDTH, SURFACE_HEIGHT);
    QXLImage *image = surface_image(surface, SURFACE_WIDTH, SURFACE_HEIGHT);
    QXLDrawable *result = copy(box, image, whole, SPICE_ROPD_OP_PUT, scale_mode, no_mask());
    reads_surface(result, 0, surface, whole);
    return result;
}

/* Off-screen surfaces: drawn on, read by copies, blends and composites, from surface to surface, destroyed. */
bool scene_surfaces(int step)
{
    static const uint32_t FORMATS[] = {
        SPICE_SURFACE_FMT_32_xRGB, SPICE_SURFACE_FMT_32_ARGB, SPICE_SURFACE_FMT_8_A,
        SPICE_SURFACE_FMT_1_A,     SPICE_SURFACE_FMT_16_555,  SPICE_SURFACE_FMT_16_565,
    };
    enum { XRGB = 1, ARGB = 2, A8 = 3 };
    QXLRect whole = rect(0, 0, SURFACE_WIDTH, SURFACE_HEIGHT);
    QXLDrawable *result;
    if (step == 0) return background(0x404040), true;
    int n = step - 1;
    if (n < COUNT(FORMATS)) {
        create_surface(n + 1, FORMATS[n], SURFACE_WIDTH, SURFACE_HEIGHT);
        on_surface = n + 1;
        draw_fill(whole, 0x2040c0);
        draw_fill(rect(10, 10, 40, 30), 0xff8040f0);
        if (n + 1 <= ARGB) draw_copy(rect(40, 30, 50, 40), image(SPICE_BITMAP_FMT_32BIT, 50, 40));
        on_surface = 0;
        return true;
    }
    switch (n - COUNT(FORMATS)) {
    case 0: draw(copy_of_surface(rect(10, 10, 96, 80), XRGB, SPICE_IMAGE_SCALE_MODE_NEAREST)); return true;
    case 1: draw(copy_of_surface(rect(110, 10, 96, 80), ARGB, SPICE_IMAGE_SCALE_MODE_NEAREST)); return true;
    case 2: draw(copy_of_surface(rect(10, 210, 192, 160), XRGB, SPICE_IMAGE_SCALE_MODE_INTERPOLATE)); return true;
    case 3: /* alpha of the source surface counts */
        result = drawable(QXL_DRAW_ALPHA_BLEND, rect(10, 110, 96, 80));
        result->u.alpha_blend = (QXLAlphaBlend){
            .alpha_flags = SPICE_ALPHA_FLAGS_SRC_SURFACE_HAS_ALPHA,
            .alpha = 255,
            .src_bitmap = (uintptr_t)surface_image(ARGB, SURFACE_WIDTH, SURFACE_HEIGHT),
            .src_area = whole,
        };
        reads_surface(result, 0, ARGB, whole);
        draw(result);
        return true;
    case 4:
        result = drawable(QXL_DRAW_COMPOSITE, rect(120, 110, 96, 80));
        result->u.composite = (QXLComposite){
            .flags = QXL_OP_OVER,
            .src = (uintptr_t)surface_image(ARGB, SURFACE_WIDTH, SURFACE_HEIGHT),
        };
        reads_surface(result, 0, ARGB, whole);
        draw(result);
        return true;
    case 5: /* through a mask that is a surface */
        result = drawable(QXL_DRAW_COMPOSITE, rect(230, 110, 96, 80));
        result->u.composite = (QXLComposite){
            .flags = QXL_OP_OVER,
            .src = (uintptr_t)surface_image(XRGB, SURFACE_WIDTH, SURFACE_HEIGHT),
            .mask = (uintptr_t)surface_image(A8, SURFACE_WIDTH, SURFACE_HEIGHT),
        };
        reads_surface(result, 0, XRGB, whole);
        reads_surface(result, 1, A8, whole);
        draw(result);
        return true;
    case 6: /* within a surface, and from one to another */
        on_surface = XRGB;
        result = drawable(QXL_COPY_BITS, rect(0, 40, 60, 30));
        result->u.copy_bits.src_pos = (QXLPoint){ 10, 10 };
        reads_surface(result, 0, XRGB, rect(10, 10, 60, 30));
        draw(result);
        draw(copy_of_surface(rect(60, 0, 30, 30), ARGB, SPICE_IMAGE_SCALE_MODE_NEAREST));
        on_surface = 0;
        return true;
    case 7: draw(copy_of_surface(rect(250, 10, 96, 80), XRGB, SPICE_IMAGE_SCALE_MODE_NEAREST)); return true;
    case 8:
        for (int i = 1; i <= COUNT(FORMATS); i++) destroy_surface(i);
        return true;
    case 9: set_monitors(on_display, 2); return true;
    case 10: set_monitors(on_display, 1); return true;
    default: return false;
    }
}

/* Images cached and shown again, the cache reset; then as many as push one another out of a small cache. */
bool scene_cache(int step)
{
    enum { IMAGES = 8, FLOOD = 40 };
    static QXLImage *images[IMAGES + FLOOD];
    if (step == 0) return background(0x808080), true;
    int n = step - 1;
    if (n < IMAGES) {
        images[n] = cached(n == 1 ? photo(SPICE_BITMAP_FMT_32BIT, 80, 60, n) : blocks(80, 60, n));
        draw_copy(cell(n, 80, 60), images[n]);
    } else if (n < 2 * IMAGES)
        draw_copy(cell(n, 80, 60), images[n - IMAGES]);
    else if (n == 2 * IMAGES)
        spice_qxl_reset_image_cache(&on_display->instance);
    else if (n < 3 * IMAGES)
        draw_copy(cell(n, 80, 60), images[n - 2 * IMAGES]);
    else if (n < 3 * IMAGES + FLOOD) {
        int i = n - 3 * IMAGES;
        images[IMAGES + i] = cached(blocks(160, 120, i + 1));
        draw_copy(cell(i % 16, 160, 120), images[IMAGES + i]);
        /* One of before, which the client may still have. */
        if (i >= 4) draw_copy(cell(40 + i % 8, 80, 60), images[IMAGES + i - 4]);
    } else
        return false;
    return true;
}

/* The same images on two displays, whose channels share the client's cache. */
bool scene_heads(int step)
{
    enum { STEPS = 60, SHARED = 24 };
    static QXLImage *images[STEPS];
    if (step >= STEPS) return false;
    for (int i = 0; i < MAX_DISPLAYS; i++) {
        on_display = &displays[i];
        if (step == 0)
            background(i ? 0x600000 : 0x006000);
        else if (step < SHARED) {
            if (i == 0) images[step] = cached(blocks(100, 80, step));
            draw_copy(rect(step * 20, step * 16, 100, 80), images[step]);
            /* Later, images that the other display brought, in the other order. */
            if (step > 4) draw_copy(rect(500 - step * 15, step * 12, 100, 80), images[i ? step : step - 4]);
        } else {
            /* On one display only, so that the other must be told what went out. */
            if (i == step % 2) draw_copy(rect(0, 0, 300, 200), cached(blocks(300, 200, step)));
        }
    }
    on_display = &displays[0];
    return true;
}

/* A moving picture, each frame with holes; once it is a stream, a box over it. */
bool scene_stream_clips(int step)
{
    enum { FRAMES = 60, WIDTH = 96, HEIGHT = 96, BAND = 16 };
    if (step == 0) return background(0x101010), true;
    if (step > FRAMES) return false;
    QXLImage *frame = blocks(WIDTH, HEIGHT, 1);
    uint32_t *pixels = (uint32_t *)image_rows(frame);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = (i % WIDTH + step) / BAND % 2 ? 0x2040c0 : (0x010100u * (i / WIDTH + 80)) & 0xffff00;
    QXLRect box = rect(16, 16, WIDTH, HEIGHT);
    QXLDrawable *result =
        copy(box, frame, rect(0, 0, WIDTH, HEIGHT), SPICE_ROPD_OP_PUT, SPICE_IMAGE_SCALE_MODE_NEAREST, no_mask());
    result->effect = QXL_EFFECT_OPAQUE;
    if (step < FRAMES * 3 / 4)
        set_clip(result, 1, &box);
    else /* without its right edge */
        set_clip(result, 1, (QXLRect[]){ rect(16, 16, WIDTH - BAND, HEIGHT) });
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    result->mm_time = now.tv_sec * 1000 + now.tv_nsec / 1000000;
    draw(result);
    if (step == FRAMES * 2 / 3) draw_fill(rect(40, 40, 20, 20), 0xff0000);
    return true;
}

/* A moving picture; a box over it half-way, and at the end half its size. */
bool scene_stream(int step)
{
    enum { FRAMES = 60, WIDTH = 112, HEIGHT = 96 }; /* libspice makes no smaller streams than 96×96 */
    if (step == 0) return background(0x101010), true;
    if (step > FRAMES) return false;
    int scale = step > FRAMES * 2 / 3 ? 2 : 1, width = WIDTH / scale, height = HEIGHT / scale;
    QXLImage *frame = photo(SPICE_BITMAP_FMT_32BIT, width, height, 1);
    uint32_t *pixels = (uint32_t *)image_rows(frame);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int r = 128 + 100 * sin((x * scale + step * 5) * .04), g = 128 + 100 * cos((y * scale - step * 3) * .05);
            int b = 128 + 90 * sin(((x + y) * scale + step * 7) * .03);
            pixels[y * width + x] = r << 16 | g << 8 | b;
        }
    QXLDrawable *result = copy(rect(40, 40, WIDTH, HEIGHT), frame, rect(0, 0, width, height), SPICE_ROPD_OP_PUT,
                               SPICE_IMAGE_SCALE_MODE_NEAREST, no_mask());
    result->effect = QXL_EFFECT_OPAQUE;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    result->mm_time = now.tv_sec * 1000 + now.tv_nsec / 1000000;
    draw(result);
    if (step == FRAMES / 3) draw_fill(rect(60, 60, 40, 40), 0xff0000);
    return true;
}
