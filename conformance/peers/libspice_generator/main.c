/* A SPICE server whose machine is a play: scenes of drawing commands, devices that say what clients do to them.
 * README.md beside this file lists options, commands and events. */
#include "generator.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static SpiceServer *server;

/* ---- scenes ---- */

static const struct {
    const char *name;
    Scene *play;
} SCENES[] = {
    { "basics", scene_basics },
    { "fills", scene_fills },
    { "bitmaps", scene_bitmaps },
    { "bitmaps-le", scene_bitmaps_le },
    { "copies", scene_copies },
    { "photos", scene_photos },
    { "ropds", scene_ropds },
    { "rop3", scene_rop3 },
    { "rop3-degenerate", scene_rop3_degenerate },
    { "masks", scene_masks },
    { "clips", scene_clips },
    { "copy-bits", scene_copy_bits },
    { "blends", scene_blends },
    { "composite", scene_composite },
    { "strokes", scene_strokes },
    { "text", scene_text },
    { "surfaces", scene_surfaces },
    { "cache", scene_cache },
    { "heads", scene_heads },
    { "stream", scene_stream },
    { "stream-clips", scene_stream_clips },
    { "cursors", scene_cursors },
    { "cursor-forms", scene_cursor_forms },
    { "forms", scene_forms },
    { "forms-le", scene_forms_le },
    { "palettes", scene_palettes },
    { "masks-plain", scene_masks_plain },
    { "lossy", scene_lossy },
    { "drops", scene_drops },
    { "bare", scene_bare },
    { "moving", scene_moving },
    { "operands", scene_operands },
    { "operands-lossy", scene_operands_lossy },
    { "operands-masks", scene_operands_masks },
    { "operands-bare", scene_operands_bare },
    { "modes", scene_modes },
    { "layouts", scene_layouts },
    { "sound", scene_sound },
};

static Scene *scene = scene_basics;
static int next_step;
static SpiceTimer *step_timer;
static int steps_left, ms_between_steps;

static Scene *find_scene(const char *name)
{
    for (int i = 0; i < COUNT(SCENES); i++)
        if (!strcmp(SCENES[i].name, name)) return SCENES[i].play;
    return NULL;
}

/* Says "played" after the last step that was asked for, or at the end of the scene. */
static void play_step(void *unused)
{
    bool over = steps_left > 0 && !scene(next_step);
    if (steps_left > 0 && !over) {
        next_step++;
        steps_left--;
        flush_displays();
    }
    if (over) steps_left = 0;
    if (steps_left > 0)
        loop_core.timer_start(step_timer, ms_between_steps);
    else
        say("{\"event\":\"played\",\"steps\":%d,\"over\":%s}", next_step, over ? "true" : "false");
}

/* ---- commands ---- */

static bool set_ticket(const char *password, int seconds)
{
    return spice_server_set_ticket(server, password, seconds, false, false) == 0;
}

/* The number of a word in a list that is parted by spaces, or -1. */
static int number_of(const char *word, const char *list)
{
    size_t length = strlen(word);
    for (int number = 0;; number++) {
        size_t end = strcspn(list, " ");
        if (end == length && !strncmp(list, word, length)) return number;
        if (!list[end]) return -1;
        list += end + 1;
    }
}

static const char WHEN[] = "invalid auto always never";

static bool set_jpeg(const char *word)
{
    int when = number_of(word, WHEN);
    return when > 0 && !spice_server_set_jpeg_compression(server, when);
}

static bool write_file(const char *device, const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return write_char_device(device, bytes, length);
}

/* Splits a command into words. The last word runs to the end of the line. */
static bool obey(char *line)
{
    char name[32] = "", first[256] = "";
    int number = 0, second = 0;
    sscanf(line, "%31s %255s %d", name, first, &second);
    number = atoi(first);
    const char *rest = strchr(line, ' ') ? strchr(strchr(line, ' ') + 1, ' ') : NULL;
    rest = rest ? rest + 1 : "";

    if (!strcmp(name, "play")) { /* play STEPS MS */
        steps_left = number;
        ms_between_steps = second;
        play_step(NULL);
    } else if (!strcmp(name, "scene")) {
        Scene *found = find_scene(first);
        if (!found) return false;
        scene = found;
        next_step = 0;
    } else if (!strcmp(name, "ticket")) { /* ticket PASSWORD SECONDS; 0 s is for ever */
        return set_ticket(first, second);
    } else if (!strcmp(name, "tablet"))
        set_tablet(server, number);
    else if (!strcmp(name, "leds"))
        set_leds(number);
    else if (!strcmp(name, "agent")) {
        if (number)
            add_char_device(server, "vdagent", NULL);
        else
            return remove_char_device("agent");
    } else if (!strcmp(name, "open")) { /* open PORT-NAME */
        add_char_device(server, "port", first);
        return send_port_event(first, SPICE_PORT_EVENT_OPENED);
    } else if (!strcmp(name, "close")) {
        return send_port_event(first, SPICE_PORT_EVENT_CLOSED) && remove_char_device(first);
    } else if (!strcmp(name, "break"))
        return send_port_event(first, SPICE_PORT_EVENT_BREAK);
    else if (!strcmp(name, "write")) { /* write DEVICE TEXT */
        return write_char_device(first, (const uint8_t *)rest, strlen(rest));
    } else if (!strcmp(name, "write-file")) { /* write-file DEVICE PATH */
        return write_file(first, rest);
    } else if (!strcmp(name, "monitors"))
        set_monitors(&displays[0], number);
    else if (!strcmp(name, "resize")) { /* resize WIDTH HEIGHT */
        Display *display = &displays[0];
        spice_qxl_destroy_primary_surface(&display->instance, 0);
        display->width = number;
        display->height = second;
        create_primary(display);
    } else if (!strcmp(name, "jpeg")) { /* for clients to come */
        return set_jpeg(first);
    } else if (!strcmp(name, "display")) { /* a second QXL device */
        if (displays[1].width) return false;
        add_display(server, 1, displays[0].width, displays[0].height);
        create_primary(&displays[1]);
        spice_qxl_start(&displays[1].instance);
    } else if (!strcmp(name, "vm")) {
        if (number)
            spice_server_vm_start(server);
        else
            spice_server_vm_stop(server);
    } else if (!strcmp(name, "migrate")) { /* migrate HOST PORT: clients connect there, too */
        return spice_server_migrate_connect(server, first, second, -1, NULL) == 0;
    } else if (!strcmp(name, "moved")) { /* moved 0|1: they go there, or stay here */
        if (number) spice_server_vm_stop(server);
        return spice_server_migrate_end(server, number) == 0;
    } else if (!strcmp(name, "arrived")) { /* the machine is here */
        create_primaries();
    } else if (!strcmp(name, "switch")) { /* switch HOST PORT: tell clients to go there */
        if (spice_server_migrate_info(server, first, second, -1, NULL)) return false;
        return spice_server_migrate_switch(server) == 0;
    } else
        return false;
    return true;
}

static void read_commands(int fd, int event, void *unused)
{
    static char buffer[4096];
    static size_t length;
    ssize_t got = read(fd, buffer + length, sizeof buffer - 1 - length);
    if (got <= 0) exit(0); /* whoever started this is gone */
    length += got;
    buffer[length] = 0;
    for (char *end; (end = strchr(buffer, '\n'));) {
        *end = 0;
        bool done = obey(buffer);
        say("{\"event\":\"%s\",\"command\":\"%.*s\"}", done ? "done" : "refused", (int)strcspn(buffer, " "), buffer);
        length -= end + 1 - buffer;
        memmove(buffer, end + 1, length + 1);
    }
    if (length == sizeof buffer - 1) exit(2);
}

/* ---- connections ---- */

static void accept_client(int fd, int event, void *unused)
{
    int client = accept(fd, NULL, NULL), on = 1;
    if (client < 0) return;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (spice_server_add_client(server, client, false)) close(client);
}

/* Listens on a unix socket, or on a port of loopback that the system chooses. Returns the port, or 0. */
static int listen_for_clients(const char *path)
{
    int fd = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
    } address = { 0 };
    socklen_t size;
    if (path) {
        address.un.sun_family = AF_UNIX;
        strncpy(address.un.sun_path, path, sizeof address.un.sun_path - 1);
        size = sizeof address.un;
    } else {
        address.in.sin_family = AF_INET;
        address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        size = sizeof address.in;
    }
    if (fd < 0 || bind(fd, &address.any, size) || listen(fd, 16)) {
        perror("Cannot listen");
        exit(1);
    }
    getsockname(fd, &address.any, &size);
    loop_core.watch_add(fd, SPICE_WATCH_EVENT_READ, accept_client, NULL);
    return path ? 0 : ntohs(address.in.sin_port);
}

/* ---- options ---- */

static const char *unix_path, *ticket;
static int display_total = 1, width = 640, height = 480;
static bool with_sound, with_tablet = true, with_agent, with_migration, incoming;

static bool take_option(char *option)
{
    static const char COMPRESSIONS[] = "invalid off auto_glz auto_lz quic glz lz lz4";
    static const char STREAMS[] = "invalid off all filter";
    char *value = strchr(option, '=');
    if (!value) return false;
    *value++ = 0;
    int number = atoi(value);
    if (!strcmp(option, "scene")) return (scene = find_scene(value));
    if (!strcmp(option, "unix")) return (unix_path = value);
    if (!strcmp(option, "ticket")) return (ticket = value);
    if (!strcmp(option, "displays")) return (display_total = number) >= 1 && number <= MAX_DISPLAYS;
    if (!strcmp(option, "size")) return sscanf(value, "%dx%d", &width, &height) == 2;
    if (!strcmp(option, "sound")) return with_sound = number, true;
    if (!strcmp(option, "tablet")) return with_tablet = number, true;
    if (!strcmp(option, "agent")) return with_agent = number, true;
    if (!strcmp(option, "migration")) return with_migration = number, true;
    if (!strcmp(option, "incoming")) return incoming = number, true;
    if (!strcmp(option, "opus")) return !spice_server_set_playback_compression(server, number);
    if (!strcmp(option, "codecs")) return !spice_server_set_video_codecs(server, value);
    if (!strcmp(option, "compression")) {
        int compression = number_of(value, COMPRESSIONS);
        return compression > 0 && !spice_server_set_image_compression(server, compression);
    }
    if (!strcmp(option, "jpeg")) return set_jpeg(value);
    if (!strcmp(option, "zlib")) {
        int when = number_of(value, WHEN);
        return when > 0 && !spice_server_set_zlib_glz_compression(server, when);
    }
    if (!strcmp(option, "streams")) {
        int streams = number_of(value, STREAMS);
        return streams > 0 && !spice_server_set_streaming_video(server, streams);
    }
    return false;
}

int main(int count, char **arguments)
{
    static const uint8_t UUID[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
    /* A client that has gone is an error of write() and no reason to end, as in QEMU. */
    signal(SIGPIPE, SIG_IGN);
    server = spice_server_new();
    spice_server_set_noauth(server);
    spice_server_set_name(server, "generator");
    spice_server_set_uuid(server, UUID);
    spice_server_set_streaming_video(server, SPICE_STREAM_VIDEO_OFF);
    for (int i = 1; i < count; i++) {
        if (take_option(arguments[i])) continue;
        fprintf(stderr, "Cannot take option %s\n", arguments[i]);
        return 2;
    }
    if (ticket) set_ticket(ticket, 0);
    if (spice_server_init(server, &loop_core)) return 1;
    add_inputs(server);
    set_tablet(server, with_tablet);
    if (with_sound) add_sound(server);
    if (with_agent) add_char_device(server, "vdagent", NULL);
    for (int i = 0; i < display_total; i++) add_display(server, i, width, height);
    if (with_migration) add_migration(server);
    if (!incoming) {
        create_primaries();
        spice_server_vm_start(server);
    }

    step_timer = loop_core.timer_add(play_step, NULL);
    loop_core.watch_add(STDIN_FILENO, SPICE_WATCH_EVENT_READ, read_commands, NULL);
    say("{\"event\":\"ready\",\"port\":%d}", listen_for_clients(unix_path));
    loop_run();
}
