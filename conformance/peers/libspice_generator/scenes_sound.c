/* A scene of sound: volume, then a second of playback and record, then mute. Steps of 10 ms are in real time. */
#include "generator.h"

bool scene_sound(int step)
{
    enum { PARTS = 100 };
    if (step == 0)
        set_volume(40000, 30000, false);
    else if (step == 1)
        start_sound();
    else if (step < 2 + PARTS)
        continue_sound();
    else if (step == 2 + PARTS)
        set_volume(65535, 0, true);
    else if (step == 3 + PARTS)
        stop_sound();
    else
        return false;
    return true;
}
