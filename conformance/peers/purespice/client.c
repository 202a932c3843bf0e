/* A client on PureSpice's public API: opens every channel it has, does one thing of each kind, says that it goes, goes.
 *
 * client SOCKET PASSWORD */
#include <purespice.h>

#include <stdio.h>
#include <time.h>

static bool ready;

static void on_ready(void) { ready = true; }

static void playback_start(int channels, int rate, PSAudioFormat format, uint32_t time) {}
static void playback_data(uint8_t *data, size_t size, uint32_t time) {}
static void record_start(int channels, int rate, PSAudioFormat format) {}
static void stop(void) {}
static void surface_create(unsigned id, PSSurfaceFormat format, unsigned width, unsigned height) {}
static void surface_destroy(unsigned id) {}
static void draw_bitmap(unsigned id, PSBitmapFormat format, bool top_down, int x, int y, int width, int height,
                        int stride, void *data) {}
static void draw_fill(unsigned id, int x, int y, int width, int height, uint32_t color) {}
static void set_rgba(int width, int height, int x, int y, const void *data) {}
static void set_mono(int width, int height, int x, int y, const void *xor_mask, const void *and_mask) {}
static void set_state(bool visible, int x, int y) {}
static void clipboard_notice(const PSDataType type) {}
static void clipboard_data(const PSDataType type, uint8_t *data, uint32_t size) {}
static void clipboard_release(void) {}
static void clipboard_request(const PSDataType type) {}

/* Handles what the server says for so many milliseconds; false when the session is over. */
static bool process(int ms)
{
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += ms * 1000000L;
    end.tv_sec += end.tv_nsec / 1000000000L;
    end.tv_nsec %= 1000000000L;
    do {
        if (purespice_process(10) != PS_STATUS_RUN) return false;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
    return true;
}

int main(int count, char **arguments)
{
    if (count != 3) return 2;
    const PSConfig config = {
        .host = arguments[1],
        .port = 0,
        .password = arguments[2],
        .ready = on_ready,
        .inputs = { .enable = true, .autoConnect = true },
        .clipboard = { .enable = true, .notice = clipboard_notice, .data = clipboard_data,
                       .release = clipboard_release, .request = clipboard_request },
        .playback = { .enable = true, .autoConnect = true, .start = playback_start, .stop = stop,
                      .data = playback_data },
        .record = { .enable = true, .autoConnect = true, .start = record_start, .stop = stop },
        .display = { .enable = true, .autoConnect = true, .surfaceCreate = surface_create,
                     .surfaceDestroy = surface_destroy, .drawBitmap = draw_bitmap, .drawFill = draw_fill },
        .cursor = { .enable = true, .autoConnect = true, .setRGBAImage = set_rgba, .setMonoImage = set_mono,
                    .setState = set_state },
    };
    if (!purespice_connect(&config)) return 1;
    for (int tries = 0; !ready; tries++)
        if (tries == 500 || purespice_process(10) != PS_STATUS_RUN) return 1;
    if (!process(300)) return 1;

    purespice_keyDown(0x1e);
    purespice_keyUp(0x1e);
    purespice_keyModifiers(4);
    purespice_mouseMode(true);
    if (!process(100)) return 1;
    purespice_mouseMotion(7, -3);
    purespice_mousePress(1);
    purespice_mouseRelease(1);
    if (!process(100)) return 1;
    purespice_mouseMode(false);
    if (!process(100)) return 1;
    purespice_mousePosition(30, 40);
    if (!process(100)) return 1;

    for (PSChannelType channel = PS_CHANNEL_INPUTS; channel < PS_CHANNEL_MAX; channel++)
        if (purespice_channelConnected(channel)) purespice_disconnectChannel(channel);
    process(200);
    purespice_disconnect();
    puts("gone");
    return 0;
}
