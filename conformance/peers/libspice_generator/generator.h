/* What the parts of the generator know of each other. README.md beside this file says what the program is. */
#pragma once

#include <pthread.h>
#include <spice.h>
#include <spice/enums.h>
#include <spice/protocol.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- loop.c: the event loop that libspice-server asks its host for ---- */

extern SpiceCoreInterface loop_core;
void loop_run(void);
/* Memory of zeros. None is ever given back: the program lives for some seconds, and its scenes are bounded. */
void *new_memory(size_t size);
#define NEW(type) ((type *)new_memory(sizeof(type)))
/* Writes a line to standard output. Called from libspice's threads, too. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- display.c: QXL devices ---- */

/* Commands that a worker thread of libspice has not taken yet. */
typedef struct {
    pthread_mutex_t lock;
    QXLCommandExt commands[8192];
    unsigned first, length;
} CommandQueue;

typedef struct {
    QXLInstance instance;
    int width, height;
    CommandQueue draws, cursors;
} Display;

enum { MAX_DISPLAYS = 2 };
extern Display displays[MAX_DISPLAYS];
/* Without a primary surface, which the machine makes when it is here. */
void add_display(SpiceServer *server, int number, int width, int height);
void create_primary(Display *display);
void create_primaries(void);
void push_draw_command(Display *display, uint32_t type, void *data);
void push_cursor_command(Display *display, QXLCursorCmd *command);
/* Waits until the workers of all displays have taken all commands. */
void flush_displays(void);
void set_monitors(Display *display, int heads);
void set_heads(Display *display, int max_allowed, int count, const QXLHead *heads);

/* ---- draw.c: the pieces of drawing commands ---- */

/* Where drawing goes. */
extern Display *on_display;
extern uint32_t on_surface;

QXLRect rect(int x, int y, int width, int height);
/* The n-th of the cells of that size that fill the display, row by row. */
QXLRect cell(int n, int width, int height);

QXLPalette *palette(uint64_t id, int entries, uint32_t seed);
/* A bitmap with a pattern that is the same in every run; palette formats get a palette of their own. */
QXLImage *image(int format, int width, int height);
/* The same with noise, which libspice takes for a photograph. */
QXLImage *photo(int format, int width, int height, uint32_t seed);
QXLImage *surface_image(uint32_t surface, int width, int height);
uint8_t *image_rows(QXLImage *image);
/* Stores the rows bottom-up, or in several chunks, or asks clients to cache the image. */
QXLImage *bottom_up(QXLImage *image);
QXLImage *in_chunks(QXLImage *image, int chunks);
QXLImage *cached(QXLImage *image);
/* Blocks of colours that the seed chooses, of 32 bits a pixel. Unlike the other two, it compresses well. */
QXLImage *blocks(int width, int height, uint32_t seed);
QXLImage *with_palette(QXLImage *image, QXLPalette *palette);

QXLBrush no_brush(void);
QXLBrush solid(uint32_t colour);
QXLBrush pattern(QXLImage *image, int x, int y);
QXLQMask no_mask(void);
/* A chequered mask, shifted by a place within it. */
QXLQMask mask(int width, int height, int x, int y, bool inverse);

QXLDrawable *drawable(uint8_t type, QXLRect box);
void set_clip(QXLDrawable *drawable, int count, const QXLRect *rects);
/* Four rectangles of a drawable's box, as a clip. */
void clip_corners(QXLDrawable *drawable);
/* The drawable reads that part of that surface. */
void reads_surface(QXLDrawable *drawable, int slot, uint32_t surface, QXLRect area);
void draw(QXLDrawable *drawable);

void draw_fill(QXLRect box, uint32_t colour);
void draw_copy(QXLRect box, QXLImage *image);
QXLDrawable *fill(QXLRect box, QXLBrush brush, uint16_t ropd, QXLQMask mask);
QXLDrawable *copy(QXLRect box, QXLImage *image, QXLRect area, uint16_t ropd, uint8_t scale_mode, QXLQMask mask);

void create_surface(uint32_t surface, uint32_t format, int width, int height);
void destroy_surface(uint32_t surface);

/* ---- inputs.c, sound.c, char_devices.c: the other devices. What comes from clients is said as JSON. ---- */

void add_inputs(SpiceServer *server);
void set_tablet(SpiceServer *server, bool present);
void set_leds(uint8_t leds);
void add_sound(SpiceServer *server);
void set_volume(uint16_t left, uint16_t right, bool mute);
void start_sound(void);
/* Plays the next part of a sine, and takes what clients recorded. */
void continue_sound(void);
void stop_sound(void);
/* A device whose bytes from clients are said, and sent back. port is NULL for the agent. */
void add_char_device(SpiceServer *server, const char *subtype, const char *port);
bool remove_char_device(const char *name);
bool write_char_device(const char *name, const uint8_t *bytes, size_t length);
bool send_port_event(const char *name, uint8_t event);

/* ---- migration.c: the machine moves, and its clients with it ---- */

void add_migration(SpiceServer *server);

/* ---- scenes: each draws its next step, or returns false when there is none ---- */

typedef bool Scene(int step);
Scene scene_basics, scene_fills, scene_bitmaps, scene_bitmaps_le, scene_copies, scene_photos; /* scenes_bitmaps.c */
Scene scene_ropds, scene_rop3, scene_rop3_degenerate;                                         /* scenes_rops.c */
Scene scene_masks, scene_clips, scene_copy_bits;
Scene scene_blends, scene_composite, scene_strokes, scene_text; /* scenes_vectors.c */
Scene scene_surfaces, scene_cache, scene_heads, scene_stream, scene_stream_clips; /* scenes_screens.c */
Scene scene_cursors, scene_cursor_forms;                        /* scenes_cursors.c */
Scene scene_forms, scene_forms_le, scene_palettes, scene_masks_plain; /* scenes_forms.c */
Scene scene_lossy, scene_drops, scene_bare, scene_moving;       /* scenes_caches.c */
Scene scene_operands, scene_operands_lossy, scene_operands_masks, scene_operands_bare, scene_modes; /* scenes_operands.c */
Scene scene_layouts;                                            /* scenes_layouts.c */
Scene scene_sound;                                              /* scenes_sound.c */

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))
