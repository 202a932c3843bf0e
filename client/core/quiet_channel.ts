/** A channel that is opened, kept alive and watched, and whose messages this client does not act on yet. */
import { unsupported } from "./channel_core.ts";
import type { Handler, Port, Received } from "./port.ts";

/** Tells and counts each message as unsupported. */
export class QuietChannel implements Handler {
  constructor(readonly port: Port, readonly channel: string) {}

  handle(message: Received): void {
    throw unsupported(message, `the ${this.channel} channel`);
  }
}
