/* Scenes of what happens to cached images, and of images that are special. */
#include "generator.h"

enum { WIDTH = 64, HEIGHT = 48 };

static void background(uint32_t colour) { draw_fill(rect(0, 0, on_display->width, on_display->height), colour); }

/* A copy through a raster operation that needs every bit: libspice sends nothing lossy for it. */
static void draw_exactly(QXLRect box, QXLImage *image)
{
    QXLRect area = rect(0, 0, image->descriptor.width, image->descriptor.height);
    QXLDrawable *result = copy(box, image, area, SPICE_ROPD_OP_XOR, SPICE_IMAGE_SCALE_MODE_NEAREST, no_mask());
    result->type = QXL_DRAW_BLEND;
    draw(result);
}

/* With `jpeg=always`: cached photographs and others, lossy first, then replaced by what is lossless. Then, for a second
 * display, which came after `jpeg never`: it must not draw what is lossy, and replaces it, too. */
bool scene_lossy(int step)
{
    enum { IMAGES = 4 };
    static QXLImage *images[IMAGES];
    if (step == 0) return background(0x404040), true;
    int n = step - 1, which = n % IMAGES;
    QXLRect box = cell(n, WIDTH, HEIGHT);
    switch (n / IMAGES) {
    case 0: /* photographs, of which one has alpha, and blocks */
        images[which] = cached(which == 3   ? blocks(WIDTH, HEIGHT, 5)
                               : which == 2 ? photo(SPICE_BITMAP_FMT_RGBA, WIDTH, HEIGHT, 2)
                                            : photo(SPICE_BITMAP_FMT_32BIT, WIDTH, HEIGHT, which + 1));
        draw_copy(box, images[which]);
        return true;
    case 1: return draw_copy(box, images[which]), true;
    case 2: /* the first is replaced */
        if (which == 0)
            draw_exactly(box, images[0]);
        else
            draw_copy(box, images[which]);
        return true;
    case 3: return draw_copy(box, images[which]), true;
    case 4: /* on the other display, if there is one */
        on_display = &displays[1];
        if (which == 0) background(0x602020);
        draw_copy(cell(which, WIDTH, HEIGHT), images[which]);
        on_display = &displays[0];
        return true;
    case 5: return draw_copy(box, images[which]), true;
    default: return false;
    }
}

/* Images that push one another out of a small cache, and come again. */
bool scene_drops(int step)
{
    enum { IMAGES = 12, ROUNDS = 2 };
    static QXLImage *images[IMAGES];
    if (step == 0) return background(0x808080), true;
    int n = step - 1;
    if (n >= IMAGES * ROUNDS) return false;
    if (n < IMAGES) images[n] = cached(blocks(WIDTH, HEIGHT, n + 1));
    draw_copy(cell(n, WIDTH, HEIGHT), images[n % IMAGES]);
    return true;
}

/* Images whose highest bits count, and one of a surface that the command does not say it needs: libspice then leaves
 * the image out of the message. */
bool scene_bare(int step)
{
    QXLImage *special = image(SPICE_BITMAP_FMT_32BIT, WIDTH, HEIGHT);
    QXLRect box = cell(step, WIDTH, HEIGHT);
    switch (step) {
    case 0: return background(0x306030), true;
    case 1: /* fall through */
    case 2:
        for (int i = 0; i < WIDTH * HEIGHT; i++) ((uint32_t *)image_rows(special))[i] |= 0xff000000;
        special->descriptor.flags |= QXL_IMAGE_HIGH_BITS_SET;
        draw_copy(box, step == 1 ? special : cached(special));
        return true;
    case 3:
        create_surface(1, SPICE_SURFACE_FMT_32_xRGB, WIDTH, HEIGHT);
        on_surface = 1;
        draw_fill(rect(0, 0, WIDTH, HEIGHT), 0xc08040);
        on_surface = 0;
        return true;
    case 4: draw_copy(box, surface_image(1, WIDTH, HEIGHT)); return true;
    case 5: draw_fill(cell(step, WIDTH, HEIGHT), 0xffffff); return true;
    default: return false;
    }
}

/* Images and a palette that two displays share, for a machine that moves to another host. */
bool scene_moving(int step)
{
    enum { STEPS = 5 };
    static QXLImage *images[STEPS];
    if (step >= STEPS) return false;
    for (int i = 0; i < MAX_DISPLAYS; i++) {
        on_display = &displays[i];
        if (step == 0) {
            background(i ? 0x503020 : 0x203050);
            continue;
        }
        QXLRect box = cell(step, WIDTH, HEIGHT);
        if (step < 3) {
            if (i == 0) images[step] = cached(blocks(WIDTH, HEIGHT, step));
            draw_copy(box, images[step]);
        } else
            draw_copy(box, with_palette(image(SPICE_BITMAP_FMT_8BIT, WIDTH, HEIGHT), palette(0x77, 256, 0x112233)));
    }
    on_display = &displays[0];
    return true;
}
