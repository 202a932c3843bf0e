/* The event loop: file descriptors and timers, on poll(2). */
#include "generator.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct SpiceTimer {
    SpiceTimerFunc func;
    void *opaque;
    int64_t due; /* ms; 0 when it is not running */
    bool removed;
    SpiceTimer *next;
};

struct SpiceWatch {
    int fd, events;
    SpiceWatchFunc func;
    void *opaque;
    bool removed;
    SpiceWatch *next;
};

static SpiceTimer *timers;
static SpiceWatch *watches;

void *new_memory(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) abort();
    return memory;
}

void say(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    flockfile(stdout);
    vprintf(format, values);
    putchar('\n');
    fflush(stdout);
    funlockfile(stdout);
    va_end(values);
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static SpiceTimer *timer_add(SpiceTimerFunc func, void *opaque)
{
    SpiceTimer *timer = NEW(SpiceTimer);
    *timer = (SpiceTimer){ .func = func, .opaque = opaque, .next = timers };
    return timers = timer;
}

static void timer_start(SpiceTimer *timer, uint32_t ms) { timer->due = now() + ms; }
static void timer_cancel(SpiceTimer *timer) { timer->due = 0; }

static void timer_remove(SpiceTimer *timer)
{
    timer->due = 0;
    timer->removed = true;
}

static SpiceWatch *watch_add(int fd, int events, SpiceWatchFunc func, void *opaque)
{
    SpiceWatch *watch = NEW(SpiceWatch);
    *watch = (SpiceWatch){ .fd = fd, .events = events, .func = func, .opaque = opaque, .next = watches };
    return watches = watch;
}

static void watch_update_mask(SpiceWatch *watch, int events) { watch->events = events; }

static void watch_remove(SpiceWatch *watch)
{
    watch->events = 0;
    watch->removed = true;
}

static void channel_event(int event, SpiceChannelEventInfo *info)
{
    static const char *const NAMES[] = { "", "connected", "initialized", "disconnected" };
    say("{\"event\":\"channel\",\"what\":\"%s\",\"type\":%d,\"id\":%d}", NAMES[event], info->type, info->id);
}

SpiceCoreInterface loop_core = {
    .base = { SPICE_INTERFACE_CORE, "loop", SPICE_INTERFACE_CORE_MAJOR, SPICE_INTERFACE_CORE_MINOR },
    .timer_add = timer_add,
    .timer_start = timer_start,
    .timer_cancel = timer_cancel,
    .timer_remove = timer_remove,
    .watch_add = watch_add,
    .watch_update_mask = watch_update_mask,
    .watch_remove = watch_remove,
    .channel_event = channel_event,
};

/* Takes out what was removed; only between two rounds, since a callback may remove anything. */
static void sweep(void)
{
    for (SpiceTimer **at = &timers; *at;) {
        SpiceTimer *timer = *at;
        if (timer->removed) {
            *at = timer->next;
            free(timer);
        } else {
            at = &timer->next;
        }
    }
    for (SpiceWatch **at = &watches; *at;) {
        SpiceWatch *watch = *at;
        if (watch->removed) {
            *at = watch->next;
            free(watch);
        } else {
            at = &watch->next;
        }
    }
}

static int ms_until_next_timer(void)
{
    int64_t due = INT64_MAX, at = now();
    for (SpiceTimer *timer = timers; timer; timer = timer->next)
        if (timer->due && timer->due < due) due = timer->due;
    return due == INT64_MAX ? -1 : due <= at ? 0 : (int)(due - at);
}

static void run_timers(void)
{
    int64_t at = now();
    for (SpiceTimer *timer = timers; timer; timer = timer->next) {
        if (!timer->due || timer->due > at) continue;
        timer->due = 0;
        timer->func(timer->opaque);
    }
}

void loop_run(void)
{
    enum { MAX_WATCHES = 256 };
    struct pollfd polled[MAX_WATCHES];
    SpiceWatch *of[MAX_WATCHES];
    for (;;) {
        sweep();
        int count = 0;
        for (SpiceWatch *watch = watches; watch; watch = watch->next) {
            if (!watch->events || count == MAX_WATCHES) continue;
            short events = 0;
            if (watch->events & SPICE_WATCH_EVENT_READ) events |= POLLIN;
            if (watch->events & SPICE_WATCH_EVENT_WRITE) events |= POLLOUT;
            of[count] = watch;
            polled[count++] = (struct pollfd){ .fd = watch->fd, .events = events };
        }
        poll(polled, count, ms_until_next_timer());
        run_timers();
        for (int i = 0; i < count; i++) {
            int events = 0;
            if (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) events |= SPICE_WATCH_EVENT_READ;
            if (polled[i].revents & POLLOUT) events |= SPICE_WATCH_EVENT_WRITE;
            events &= of[i]->events;
            if (events && !of[i]->removed) of[i]->func(of[i]->fd, events, of[i]->opaque);
        }
    }
}
