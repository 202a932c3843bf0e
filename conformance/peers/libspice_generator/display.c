/* QXL devices: queues from which libspice's worker threads take commands. */
#include "generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Display displays[MAX_DISPLAYS];
static int display_count;

static bool queue_take(CommandQueue *queue, QXLCommandExt *command)
{
    pthread_mutex_lock(&queue->lock);
    bool found = queue->length > 0;
    if (found) {
        *command = queue->commands[queue->first];
        queue->first = (queue->first + 1) % COUNT(queue->commands);
        queue->length--;
    }
    pthread_mutex_unlock(&queue->lock);
    return found;
}

static bool queue_is_empty(CommandQueue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool empty = queue->length == 0;
    pthread_mutex_unlock(&queue->lock);
    return empty;
}

static void queue_put(CommandQueue *queue, uint32_t type, void *data)
{
    pthread_mutex_lock(&queue->lock);
    if (queue->length == COUNT(queue->commands)) abort();
    unsigned last = (queue->first + queue->length++) % COUNT(queue->commands);
    queue->commands[last] = (QXLCommandExt){ .cmd = { .data = (uintptr_t)data, .type = type } };
    pthread_mutex_unlock(&queue->lock);
}

static Display *display_of(QXLInstance *instance) { return (Display *)instance; }

static void get_init_info(QXLInstance *instance, QXLDevInitInfo *info)
{
    *info = (QXLDevInitInfo){
        .num_memslots_groups = 1,
        .num_memslots = 1,
        .memslot_gen_bits = 1,
        .memslot_id_bits = 1,
        .qxl_ram_size = 128 << 20,
        .n_surfaces = 1024,
    };
}

static int get_command(QXLInstance *instance, QXLCommandExt *command)
{
    return queue_take(&display_of(instance)->draws, command);
}

static int get_cursor_command(QXLInstance *instance, QXLCommandExt *command)
{
    return queue_take(&display_of(instance)->cursors, command);
}

static int req_cmd_notification(QXLInstance *instance) { return queue_is_empty(&display_of(instance)->draws); }
static int req_cursor_notification(QXLInstance *instance) { return queue_is_empty(&display_of(instance)->cursors); }

static void set_client_capabilities(QXLInstance *instance, uint8_t present, uint8_t caps[58])
{
    say("{\"event\":\"client\",\"display\":%d,\"present\":%d,\"caps\":\"%02x%02x\"}", instance->id, present, caps[0],
        caps[1]);
}

static int client_monitors_config(QXLInstance *instance, VDAgentMonitorsConfig *config)
{
    /* Without a configuration, libspice only asks whether the device would take one. */
    if (!config) return 1;
    char heads[2048] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < config->num_of_monitors && length < sizeof heads - 128; i++) {
        const VDAgentMonConfig *head = &config->monitors[i];
        length += snprintf(heads + length, sizeof heads - length, "%s{\"x\":%d,\"y\":%d,\"width\":%u,\"height\":%u}",
                           i ? "," : "", head->x, head->y, head->width, head->height);
    }
    say("{\"event\":\"monitors\",\"display\":%d,\"flags\":%u,\"heads\":[%s]}", instance->id, config->flags, heads);
    return 1;
}

static void attached_worker(QXLInstance *instance) {}
static void set_compression_level(QXLInstance *instance, int level) {}
static void set_mm_time(QXLInstance *instance, uint32_t mm_time) {}
static void release_resource(QXLInstance *instance, QXLReleaseInfoExt release) {}
static void notify_update(QXLInstance *instance, uint32_t update) {}
static int flush_resources(QXLInstance *instance) { return 0; }
static void async_complete(QXLInstance *instance, uint64_t cookie) {}
static void update_area_complete(QXLInstance *instance, uint32_t surface, QXLRect *rects, uint32_t count) {}

static const QXLInterface QXL = {
    .base = { SPICE_INTERFACE_QXL, "display", SPICE_INTERFACE_QXL_MAJOR, SPICE_INTERFACE_QXL_MINOR },
    .attached_worker = attached_worker,
    .set_compression_level = set_compression_level,
    .set_mm_time = set_mm_time,
    .get_init_info = get_init_info,
    .get_command = get_command,
    .req_cmd_notification = req_cmd_notification,
    .release_resource = release_resource,
    .get_cursor_command = get_cursor_command,
    .req_cursor_notification = req_cursor_notification,
    .notify_update = notify_update,
    .flush_resources = flush_resources,
    .async_complete = async_complete,
    .update_area_complete = update_area_complete,
    .set_client_capabilities = set_client_capabilities,
    .client_monitors_config = client_monitors_config,
};

void add_display(SpiceServer *server, int number, int width, int height)
{
    Display *display = &displays[number];
    display_count = number + 1;
    *display = (Display){ .instance = { .base.sif = &QXL.base, .id = number }, .width = width, .height = height };
    pthread_mutex_init(&display->draws.lock, NULL);
    pthread_mutex_init(&display->cursors.lock, NULL);
    spice_server_add_interface(server, &display->instance.base);
    char address[32];
    snprintf(address, sizeof address, "pci/0000/%02x.0", number + 2);
    spice_qxl_set_device_info(&display->instance, address, 0, 1);
    /* The device's memory is this process's: addresses in commands are pointers. */
    QXLDevMemSlot slot = { .virt_end = ~(uintptr_t)0 };
    spice_qxl_add_memslot(&display->instance, &slot);
}

void create_primaries(void)
{
    for (int i = 0; i < display_count; i++) create_primary(&displays[i]);
}

void create_primary(Display *display)
{
    QXLDevSurfaceCreate surface = {
        .width = display->width,
        .height = display->height,
        /* Bottom-up, as the QXL drivers have it. */
        .stride = -4 * display->width,
        .format = SPICE_SURFACE_FMT_32_xRGB,
        .mouse_mode = TRUE,
        .mem = (uintptr_t)new_memory(4 * (size_t)display->width * display->height),
    };
    spice_qxl_create_primary_surface(&display->instance, 0, &surface);
}

void push_draw_command(Display *display, uint32_t type, void *data)
{
    queue_put(&display->draws, type, data);
    spice_qxl_wakeup(&display->instance);
}

void push_cursor_command(Display *display, QXLCursorCmd *command)
{
    queue_put(&display->cursors, QXL_CMD_CURSOR, command);
    spice_qxl_wakeup(&display->instance);
}

void flush_displays(void)
{
    enum { PAUSE_US = 200, MOST_PAUSES = 10000 }; /* 2 s: a stopped machine takes none */
    int pauses = 0;
    for (int i = 0; i < display_count; i++)
        while (!queue_is_empty(&displays[i].draws) || !queue_is_empty(&displays[i].cursors)) {
            if (pauses++ == MOST_PAUSES) return;
            usleep(PAUSE_US);
        }
}

void set_heads(Display *display, int max_allowed, int count, const QXLHead *heads)
{
    QXLMonitorsConfig *config = new_memory(sizeof *config + count * sizeof(QXLHead));
    config->count = count;
    config->max_allowed = max_allowed;
    memcpy(config->heads, heads, count * sizeof(QXLHead));
    spice_qxl_monitors_config_async(&display->instance, (uintptr_t)config, 0, 0);
}

void set_monitors(Display *display, int heads)
{
    QXLHead *equal = new_memory(heads * sizeof(QXLHead));
    int width = display->width / heads;
    for (int i = 0; i < heads; i++)
        equal[i] = (QXLHead){ .id = i, .width = width, .height = display->height, .x = i * width };
    set_heads(display, 4, heads, equal);
}
