/** Waits for what a peer comes to. */
import type { ClientPeer } from "./client_peer.ts";
import { mustEqual } from "./verdict.ts";

/**
 * Asks again and again until the answer is right.
 *
 * @param what For the verdict, as `its name of the machine`.
 * @param patienceMs Default: 5000.
 * @throws {Finding} `failed`: the last answer is another.
 */
export async function eventually(
  what: string,
  ask: () => Promise<unknown>,
  expected: unknown,
  patienceMs = 5000,
): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (JSON.stringify(answer) === JSON.stringify(expected) || performance.now() > end) {
      return mustEqual(answer, expected, what);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Waits until a client knows that a channel is open, as `inputs-0`: that is later than the server knows it. */
export async function untilOpen(peer: ClientPeer, channel: string): Promise<void> {
  const isOpen = async () => (await peer.control.ask("channels") as string[]).includes(channel);
  await eventually(`whether its channel ${channel} is open`, isOpen, true);
}
