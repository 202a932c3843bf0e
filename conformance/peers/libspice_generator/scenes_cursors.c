/* A scene of pointers: every type, and all that is done with them. */
#include "generator.h"

#include <string.h>

enum { SIZE = 32 };

static QXLCursorCmd *cursor_command(uint8_t type)
{
    static uint64_t next_release = 1u << 30;
    QXLCursorCmd *command = NEW(QXLCursorCmd);
    command->release_info.id = next_release++;
    command->type = type;
    return command;
}

static void set_cursor(uint16_t type, uint64_t id, int size, const uint8_t *data, size_t length, QXLPoint16 at,
                       bool visible)
{
    QXLCursor *shape = new_memory(sizeof *shape + length);
    shape->header = (QXLCursorHeader){
        .unique = id,
        .type = type,
        .width = size,
        .height = size,
        .hot_spot_x = 1,
        .hot_spot_y = 2,
    };
    shape->data_size = shape->chunk.data_size = length;
    memcpy(shape->chunk.data, data, length);
    QXLCursorCmd *command = cursor_command(QXL_CURSOR_SET);
    command->u.set.position = at;
    command->u.set.visible = visible;
    command->u.set.shape = (uintptr_t)shape;
    push_cursor_command(on_display, command);
}

static void move_cursor(int x, int y)
{
    QXLCursorCmd *command = cursor_command(QXL_CURSOR_MOVE);
    command->u.position = (QXLPoint16){ x, y };
    push_cursor_command(on_display, command);
}

static void set_trail(int length, int frequency)
{
    QXLCursorCmd *command = cursor_command(QXL_CURSOR_TRAIL);
    command->u.trail.length = length;
    command->u.trail.frequency = frequency;
    push_cursor_command(on_display, command);
}

static void hide_cursor(void) { push_cursor_command(on_display, cursor_command(QXL_CURSOR_HIDE)); }

/* A pointer of each SPICE_CURSOR_TYPE, its size at most SIZE: pixels, palette, then the mask of what is seen through. */
static void set_sized_cursor(int type, int size, uint64_t id, QXLPoint16 at)
{
    static const uint8_t BITS[] = { 32, 1, 4, 8, 16, 24, 32 };
    static const int ENTRIES[] = {
        [SPICE_CURSOR_TYPE_COLOR4] = 16, [SPICE_CURSOR_TYPE_COLOR8] = 256, [SPICE_CURSOR_TYPE_COLOR32] = 0
    };
    uint8_t data[SIZE * SIZE * 4 + 256 * 4 + SIZE * SIZE / 8] = { 0 };
    size_t pixels = size * size, length = pixels * BITS[type] / 8, mask = pixels / 8;
    if (type == SPICE_CURSOR_TYPE_ALPHA) {
        for (size_t i = 0; i < pixels; i++) ((uint32_t *)data)[i] = i % size > i / size ? 0 : 0xff2060ff;
    } else if (type == SPICE_CURSOR_TYPE_MONO) {
        /* First what is seen through, then what is inverted or white. */
        for (size_t i = 0; i < mask; i++) data[i] = i < mask / 2 ? 0xff : 0;
        for (size_t i = 0; i < mask; i++) data[mask + i] = i & 1 ? 0xf0 : 0x0f;
        length += mask;
    } else {
        for (size_t i = 0; i < length; i++) data[i] = i * 7;
        for (int i = 0; i < ENTRIES[type]; i++, length += 4)
            memcpy(data + length, &(uint32_t){ i * 0x010101 * (255 / (ENTRIES[type] - 1)) }, 4);
        for (size_t i = 0; i < mask; i++) data[length + i] = i % 3 ? 0 : 0xff;
        length += mask;
    }
    set_cursor(type, id, size, data, length, at, true);
}

static void set_typed_cursor(int type, uint64_t id, QXLPoint16 at) { set_sized_cursor(type, SIZE, id, at); }

enum { TYPES = SPICE_CURSOR_TYPE_COLOR32 + 1 };

bool scene_cursors(int step)
{
    enum { SHAPES = 300, MOVES = 200 };
    if (step == 0) return draw_fill(rect(0, 0, on_display->width, on_display->height), 0x204020), true;
    int n = step - 1;
    if (n < TYPES) return set_typed_cursor(n, 0x1000 + n, (QXLPoint16){ 20 * n, 20 * n }), true;
    switch (n -= TYPES) {
    case 0: return move_cursor(100, 50), true;
    case 1: return set_trail(3, 50), true;
    case 2: return hide_cursor(), true;
    case 3: return move_cursor(120, 60), true;
    /* Again, from the client's cache. */
    case 4: return set_typed_cursor(SPICE_CURSOR_TYPE_ALPHA, 0x1000, (QXLPoint16){ 200, 200 }), true;
    case 5: return set_typed_cursor(SPICE_CURSOR_TYPE_COLOR8, 0x1003, (QXLPoint16){ 210, 200 }), true;
    /* Without an id: not to be cached. */
    case 6: return set_typed_cursor(SPICE_CURSOR_TYPE_MONO, 0, (QXLPoint16){ 220, 200 }), true;
    case 7: return set_trail(0, 0), true;
    case 8: return spice_qxl_reset_cursor(&on_display->instance), true;
    case 9: return set_typed_cursor(SPICE_CURSOR_TYPE_ALPHA, 0x1000, (QXLPoint16){ -1, -2 }), true;
    }
    if ((n -= 10) < MOVES) return move_cursor(n * 3, 100 + (n * n) % 200), true;
    if ((n -= MOVES) < SHAPES) {
        /* More than the client's cache holds: the oldest are invalidated, one by one. */
        uint8_t data[16 * 16 * 4];
        for (int i = 0; i < 16 * 16; i++) ((uint32_t *)data)[i] = 0xff000000 | (i * (n + 1) & 0xffffff);
        set_cursor(SPICE_CURSOR_TYPE_ALPHA, 0x5000 + n, 16, data, sizeof data, (QXLPoint16){ n % 256, 50 },
                   n % 10 != 9);
        return true;
    }
    return false;
}

/* Small pointers of each type: not to be cached, to be cached, from the cache. The first steps are for a viewer that is
 * not there yet, who finds the pointer in CURSOR_INIT; later a new primary surface brings CURSOR_INIT, too. */
bool scene_cursor_forms(int step)
{
    enum { SMALL = 16, FORMS = 3 };
    static const int FIRST_TYPE = SPICE_CURSOR_TYPE_COLOR24;
    if (step == 0) return draw_fill(rect(0, 0, on_display->width, on_display->height), 0x204020), true;
    if (step == 1) return set_sized_cursor(FIRST_TYPE, SMALL, 0x2000 + FIRST_TYPE, (QXLPoint16){ 5, 6 }), true;
    int n = step - 2;
    if (n < TYPES * FORMS) {
        int type = n / FORMS, form = n % FORMS;
        set_sized_cursor(type, SMALL, form == 0 ? 0 : 0x2000 + type, (QXLPoint16){ n, 2 * n });
        return true;
    }
    n -= TYPES * FORMS;
    if (n >= TYPES) return false;
    spice_qxl_destroy_primary_surface(&on_display->instance, 0);
    set_sized_cursor(n, SMALL, n % 2 ? 0x2000 + n : 0, (QXLPoint16){ 3 * n, n });
    flush_displays();
    create_primary(on_display);
    draw_fill(rect(n * 8, 0, 8, on_display->height), 0x4080c0);
    return true;
}
