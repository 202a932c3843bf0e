/** Events of an input guest, each handed out once. */

import type { InputGuest, InputGuestEvent } from "./input_guest.ts";
import { waitUntil } from "./wait_until.ts";

/**
 * Follow what reaches a guest.
 *
 * @param guest The guest.
 * @param from Events to pass over.
 * @returns Waits for so many events of a kind and gives all of that kind that are there; events before its last look
 * do not come again.
 */
export function followInput(
  guest: Pick<InputGuest, "events">,
  from = 0,
): (count: number, wanted: (event: InputGuestEvent) => boolean) => Promise<InputGuestEvent[]> {
  return async (count, wanted) => {
    const all = await waitUntil(`${count} events`, async () => {
      const found = await guest.events();
      return found.slice(from).filter(wanted).length >= count ? found : undefined;
    });
    const fresh = all.slice(from).filter(wanted);
    from = all.length;
    return fresh;
  };
}
