/* The agent's device and ports: what clients send is said, and comes back to them. */
#include "generator.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    SpiceCharDeviceInstance instance;
    const char *name;
    uint8_t *waiting; /* bytes that libspice has not read yet */
    size_t length;
    bool present;
} CharDevice;

/* How ports are named through which a guest's streaming agent sends its screen. */
static const char STREAMING[] = "org.spice-space.stream.";

static CharDevice devices[8];
static int device_count;

static CharDevice *device_of(SpiceCharDeviceInstance *instance) { return (CharDevice *)instance; }

static void append(CharDevice *device, const uint8_t *bytes, size_t length)
{
    device->waiting = realloc(device->waiting, device->length + length);
    if (!device->waiting) abort();
    memcpy(device->waiting + device->length, bytes, length);
    device->length += length;
}

static void device_state(SpiceCharDeviceInstance *instance, int connected)
{
    say("{\"event\":\"device\",\"name\":\"%s\",\"connected\":%d}", device_of(instance)->name, connected);
}

static int device_write(SpiceCharDeviceInstance *instance, const uint8_t *bytes, int length)
{
    CharDevice *device = device_of(instance);
    char *hex = new_memory(2 * (size_t)length + 1);
    for (int i = 0; i < length; i++) {
        hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    say("{\"event\":\"bytes\",\"name\":\"%s\",\"hex\":\"%s\"}", device->name, hex);
    free(hex);
    /* What libspice says itself to a streaming agent is not to come back to it. */
    if (strncmp(device->name, STREAMING, strlen(STREAMING))) {
        append(device, bytes, length);
        spice_server_char_device_wakeup(instance);
    }
    return length;
}

static int device_read(SpiceCharDeviceInstance *instance, uint8_t *bytes, int length)
{
    CharDevice *device = device_of(instance);
    size_t taken = (size_t)length < device->length ? (size_t)length : device->length;
    if (!taken) return 0;
    memcpy(bytes, device->waiting, taken);
    device->length -= taken;
    memmove(device->waiting, device->waiting + taken, device->length);
    return taken;
}

static void device_event(SpiceCharDeviceInstance *instance, uint8_t event)
{
    say("{\"event\":\"port-event\",\"name\":\"%s\",\"number\":%u}", device_of(instance)->name, event);
}

static const SpiceCharDeviceInterface CHAR_DEVICE = {
    .base = { SPICE_INTERFACE_CHAR_DEVICE, "device", SPICE_INTERFACE_CHAR_DEVICE_MAJOR,
              SPICE_INTERFACE_CHAR_DEVICE_MINOR },
    .state = device_state,
    .write = device_write,
    .read = device_read,
    .event = device_event,
};

static CharDevice *find_device(const char *name)
{
    for (int i = 0; i < device_count; i++)
        if (devices[i].present && !strcmp(devices[i].name, name)) return &devices[i];
    return NULL;
}

void add_char_device(SpiceServer *server, const char *subtype, const char *port)
{
    if (device_count == COUNT(devices)) abort();
    CharDevice *device = &devices[device_count++];
    *device = (CharDevice){
        .instance = { .base.sif = &CHAR_DEVICE.base,
                      .subtype = strdup(subtype),
                      .portname = port ? strdup(port) : NULL },
        .present = true,
    };
    device->name = port ? device->instance.portname : "agent";
    spice_server_add_interface(server, &device->instance.base);
}

bool remove_char_device(const char *name)
{
    CharDevice *device = find_device(name);
    if (!device) return false;
    device->present = false;
    spice_server_remove_interface(&device->instance.base);
    return true;
}

bool write_char_device(const char *name, const uint8_t *bytes, size_t length)
{
    CharDevice *device = find_device(name);
    if (!device) return false;
    append(device, bytes, length);
    spice_server_char_device_wakeup(&device->instance);
    return true;
}

bool send_port_event(const char *name, uint8_t event)
{
    CharDevice *device = find_device(name);
    if (!device) return false;
    spice_server_port_event(&device->instance, event);
    return true;
}
