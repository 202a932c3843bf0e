/** Recordings of sessions that begin with a state, and of clients other than spice-gtk. */

import { startLibspice } from "../peers/libspice_generator.ts";
import { runPureSpice } from "../peers/purespice.ts";
import { type SpiceGtk, startSpiceGtk } from "../peers/spice_gtk.ts";
import { startTap } from "../peers/tap.ts";
import { pause } from "../peers/wait_until.ts";
import type { Recorded, Recording } from "./recording.ts";

/** All of them. */
export const SESSION_RECORDINGS: readonly Recording[] = [
  { name: "libspice-second-session", record: () => recordSecondSession() },
  { name: "libspice-purespice", record: () => recordPureSpice() },
];

const TICKET = "throw-away";

/** SPICE_MOUSE_BUTTON_MASK: left, middle, right, up, down, side, extra. */
const MASKS = [1, 2, 4, 8, 16, 32, 64];

/**
 * A client that leaves client mouse mode and lock keys to the next, which finds them in its first messages; every button
 * in every message that tells of buttons.
 */
async function recordSecondSession(): Promise<Recorded> {
  await using server = await startLibspice({ ticket: TICKET, unix: true, compression: "off" });
  await using tap = await startTap(server.uri, { unix: true });
  let sessions = 0;
  const session = async (drive: (gtk: SpiceGtk) => Promise<void>) => {
    await using gtk = await startSpiceGtk({ socketPath: new URL(tap.uri).pathname, ticket: TICKET });
    await drive(gtk);
    await gtk.rpc.execute("quit").catch(() => {});
    await server.waitEvent("the main channel's end", () => {
      const ends = server.of("channel").filter(({ what, type }) => what === "disconnected" && type === 1);
      return ends.length > sessions;
    });
    sessions++;
  };
  await session(async (gtk) => {
    await server.play();
    await gtk.rpc.execute("mouse_mode", { mode: 2 });
    await pause(100);
    for (const buttons of MASKS) {
      await gtk.rpc.execute("position", { x: 10 * buttons, y: 5 * buttons, buttons });
      await pause(20);
    }
    await server.command("leds 7");
  });
  await session(async (gtk) => {
    await gtk.rpc.execute("mouse_mode", { mode: 1 });
    await pause(100);
    for (const buttons of MASKS) {
      await gtk.rpc.execute("motion", { x: 3, y: -2, buttons });
      await pause(20);
    }
    // A button that is let go is not among those that are held.
    await gtk.rpc.execute("button", { button: 1, buttons: 0x7f, down: false });
    await gtk.rpc.execute("button", { button: 3, buttons: 0x7f, down: false });
    await pause(200);
  });
  return { capture: await tap.finish(), picture: null };
}

/** PureSpice tells that it has the capability of tickets, and says on each channel that it leaves. */
async function recordPureSpice(): Promise<Recorded> {
  await using server = await startLibspice({
    ticket: TICKET,
    unix: true,

    sound: true,
    compression: "off",
  });
  await server.play();
  await using tap = await startTap(server.uri, { unix: true });
  await runPureSpice(new URL(tap.uri).pathname, TICKET);
  return { capture: await tap.finish(), picture: null };
}
