/* Keyboard, mouse and tablet, which say what they are told. */
#include "generator.h"

static uint8_t leds;
static bool has_tablet;

/* Scan codes of the lock keys, with the LED each of them switches. */
static const struct {
    uint8_t scan_code, led;
} LOCKS[] = { { 0x46, 1 }, { 0x45, 2 }, { 0x3a, 4 } };

static void push_scan_code(SpiceKbdInstance *keyboard, uint8_t code)
{
    say("{\"event\":\"key\",\"code\":%u}", code);
    for (int i = 0; i < COUNT(LOCKS); i++)
        if (code == LOCKS[i].scan_code) set_leds(leds ^ LOCKS[i].led);
}

static uint8_t get_leds(SpiceKbdInstance *keyboard) { return leds; }

static void mouse_motion(SpiceMouseInstance *mouse, int dx, int dy, int dz, uint32_t buttons)
{
    say("{\"event\":\"motion\",\"dx\":%d,\"dy\":%d,\"dz\":%d,\"buttons\":%u}", dx, dy, dz, buttons);
}

static void mouse_buttons(SpiceMouseInstance *mouse, uint32_t buttons)
{
    say("{\"event\":\"buttons\",\"of\":\"mouse\",\"buttons\":%u}", buttons);
}

static void tablet_size(SpiceTabletInstance *tablet, int width, int height)
{
    say("{\"event\":\"size\",\"width\":%d,\"height\":%d}", width, height);
}

static void tablet_position(SpiceTabletInstance *tablet, int x, int y, uint32_t buttons)
{
    say("{\"event\":\"position\",\"x\":%d,\"y\":%d,\"buttons\":%u}", x, y, buttons);
}

static void tablet_wheel(SpiceTabletInstance *tablet, int motion, uint32_t buttons)
{
    say("{\"event\":\"wheel\",\"dz\":%d,\"buttons\":%u}", motion, buttons);
}

static void tablet_buttons(SpiceTabletInstance *tablet, uint32_t buttons)
{
    say("{\"event\":\"buttons\",\"of\":\"tablet\",\"buttons\":%u}", buttons);
}

static const SpiceKbdInterface KEYBOARD = {
    .base = { SPICE_INTERFACE_KEYBOARD, "keyboard", SPICE_INTERFACE_KEYBOARD_MAJOR, SPICE_INTERFACE_KEYBOARD_MINOR },
    .push_scan_freg = push_scan_code,
    .get_leds = get_leds,
};
static const SpiceMouseInterface MOUSE = {
    .base = { SPICE_INTERFACE_MOUSE, "mouse", SPICE_INTERFACE_MOUSE_MAJOR, SPICE_INTERFACE_MOUSE_MINOR },
    .motion = mouse_motion,
    .buttons = mouse_buttons,
};
static const SpiceTabletInterface TABLET = {
    .base = { SPICE_INTERFACE_TABLET, "tablet", SPICE_INTERFACE_TABLET_MAJOR, SPICE_INTERFACE_TABLET_MINOR },
    .set_logical_size = tablet_size,
    .position = tablet_position,
    .wheel = tablet_wheel,
    .buttons = tablet_buttons,
};

static SpiceKbdInstance keyboard = { .base.sif = &KEYBOARD.base };
static SpiceMouseInstance mouse = { .base.sif = &MOUSE.base };
static SpiceTabletInstance tablet = { .base.sif = &TABLET.base };

void add_inputs(SpiceServer *server)
{
    spice_server_add_interface(server, &keyboard.base);
    spice_server_add_interface(server, &mouse.base);
}

void set_tablet(SpiceServer *server, bool present)
{
    if (present == has_tablet) return;
    has_tablet = present;
    if (present)
        spice_server_add_interface(server, &tablet.base);
    else
        spice_server_remove_interface(&tablet.base);
}

void set_leds(uint8_t now)
{
    leds = now;
    say("{\"event\":\"leds\",\"leds\":%u}", leds);
    spice_server_kbd_leds(&keyboard, leds);
}
