/* A scene of monitors configurations. */
#include "generator.h"

/* Heads side by side, one above the other, with gaps in their numbers, on surfaces of their own, and none. */
bool scene_layouts(int step)
{
    Display *display = on_display;
    uint32_t width = display->width, height = display->height, half = width / 2;
    enum { OWN_SURFACE = 3, OWN_WIDTH = 64, OWN_HEIGHT = 48 };
    switch (step) {
    case 0:
        spice_qxl_set_max_monitors(&display->instance, 4);
        draw_fill(rect(0, 0, width, height), 0x203040);
        draw_fill(rect(half, 0, half, height), 0x403020);
        return true;
    case 1: return set_heads(display, 1, 1, (QXLHead[]){ { .width = width, .height = height } }), true;
    case 2: /* of two that there can be, one: at another place */
        set_heads(display, 2, 1, (QXLHead[]){ { .width = half, .height = height, .x = half } });
        return true;
    case 3: /* two halves of one surface */
        set_heads(display, 2, 2,
                  (QXLHead[]){ { .id = 0, .width = half, .height = height },
                               { .id = 1, .width = half, .height = height, .x = half } });
        return true;
    case 4: /* the first of three is off */
        set_heads(display, 4, 3,
                  (QXLHead[]){ { .id = 0 },
                               { .id = 1, .width = half, .height = height / 2 },
                               { .id = 3, .width = half, .height = height / 2, .x = half, .y = height / 2 } });
        return true;
    case 5:
        set_heads(display, 4, 4,
                  (QXLHead[]){ { .id = 0, .width = half, .height = height / 2 },
                               { .id = 1, .width = half, .height = height / 2, .x = half },
                               { .id = 2, .width = half, .height = height / 2, .y = height / 2 },
                               { .id = 3, .width = half, .height = height / 2, .x = half, .y = height / 2 } });
        return true;
    case 6: /* the second shows a surface of its own */
        create_surface(OWN_SURFACE, SPICE_SURFACE_FMT_32_xRGB, OWN_WIDTH, OWN_HEIGHT);
        on_surface = OWN_SURFACE;
        draw_fill(rect(0, 0, OWN_WIDTH, OWN_HEIGHT), 0x80c040);
        on_surface = 0;
        set_heads(display, 2, 2,
                  (QXLHead[]){ { .id = 0, .width = width, .height = height },
                               { .id = 1, .surface_id = OWN_SURFACE, .width = OWN_WIDTH, .height = OWN_HEIGHT } });
        return true;
    case 7: /* all off */ return set_heads(display, 2, 2, (QXLHead[]){ { .id = 0 }, { .id = 1 } }), true;
    case 8: return set_heads(display, 1, 1, (QXLHead[]){ { .width = width, .height = height } }), true;
    default: return false;
    }
}
