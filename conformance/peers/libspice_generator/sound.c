/* A sound card: plays a sine, and says how much was recorded. */
#include "generator.h"

#include <math.h>

static const SpicePlaybackInterface PLAYBACK = {
    .base = { SPICE_INTERFACE_PLAYBACK, "playback", SPICE_INTERFACE_PLAYBACK_MAJOR, SPICE_INTERFACE_PLAYBACK_MINOR },
};
static const SpiceRecordInterface RECORD = {
    .base = { SPICE_INTERFACE_RECORD, "record", SPICE_INTERFACE_RECORD_MAJOR, SPICE_INTERFACE_RECORD_MINOR },
};
static SpicePlaybackInstance playback = { .base.sif = &PLAYBACK.base };
static SpiceRecordInstance record = { .base.sif = &RECORD.base };

enum { SAMPLES_PER_SECOND = 48000 };

void add_sound(SpiceServer *server)
{
    spice_server_add_interface(server, &playback.base);
    spice_server_add_interface(server, &record.base);
    /* Opus wants 48 kHz. */
    spice_server_set_playback_rate(&playback, SAMPLES_PER_SECOND);
    spice_server_set_record_rate(&record, SAMPLES_PER_SECOND);
}

void set_volume(uint16_t left, uint16_t right, bool mute)
{
    uint16_t volume[] = { left, right };
    spice_server_playback_set_volume(&playback, 2, volume);
    spice_server_playback_set_mute(&playback, mute);
    spice_server_record_set_volume(&record, 2, volume);
    spice_server_record_set_mute(&record, mute);
}

void start_sound(void)
{
    spice_server_playback_start(&playback);
    spice_server_record_start(&record);
}

void continue_sound(void)
{
    static uint32_t phase;
    uint32_t *samples, count, recorded[4096];
    spice_server_playback_get_buffer(&playback, &samples, &count);
    if (samples) {
        for (uint32_t i = 0; i < count; i++) {
            uint16_t value = (int16_t)(8000 * sin(2 * M_PI * 440 * phase++ / SAMPLES_PER_SECOND));
            samples[i] = value | (uint32_t)value << 16;
        }
        spice_server_playback_put_samples(&playback, samples);
    }
    uint32_t got = spice_server_record_get_samples(&record, recorded, COUNT(recorded));
    if (got) say("{\"event\":\"recorded\",\"samples\":%u}", got);
}

void stop_sound(void)
{
    spice_server_playback_stop(&playback);
    spice_server_record_stop(&record);
}
