/** Recordings of Xspice with real X programs. */

import { connect, ImageCompression } from "../../mod.ts";
import { startTap } from "../peers/tap.ts";
import { pause } from "../peers/wait_until.ts";
import { startXspice, type Xspice } from "../peers/xspice.ts";
import { pressKeys, walkTo } from "./input.ts";
import { type Recorded, type Recording, recordSpiceGtk } from "./recording.ts";

/** All of them. */
export const XSPICE_RECORDINGS: readonly Recording[] = [
  { name: "xspice-spice-gtk", record: () => recordWithSpiceGtk() },
  { name: "xspice-saffron", record: () => recordWithSaffron() },
];

/** Operations as the driver makes them, not pictures of the screen. */
const DRIVER = { SpiceDeferredFPS: "0", SpiceStreamingVideo: "off" };
const TYPED = [0x23, 0x12, 0x26, 0x26, 0x18, 0x1c];

async function recordWithSpiceGtk(): Promise<Recorded> {
  const driver = { ...DRIVER, SpiceImageCompression: "off" };
  await using xspice = await startXspice({ windowManager: true, driver, ticket: "throw-away" });
  return await recordSpiceGtk(xspice.uri, async (gtk) => {
    await gtk.rpc.execute("mouse_mode", { mode: 2 });
    await useDesktop(xspice);
    await walkTo(gtk, 100, { width: 1024, height: 768 });
    await pressKeys(gtk, TYPED);
    await gtk.rpc.execute("position", { x: 5, y: 5 });
  }, { ticket: "throw-away" });
}

async function recordWithSaffron(): Promise<Recorded> {
  await using xspice = await startXspice({ windowManager: true, driver: DRIVER, ticket: "throw-away" });
  await using tap = await startTap(xspice.uri, { unix: true });
  {
    await using session = await connect(tap.uri, {
      password: "throw-away",
      preferredCompression: ImageCompression.LZ,
    });
    await session.screen.screenshot();
    await useDesktop(xspice);
    for (let i = 0; i < 100; i++) await session.pointer.move({ x: 100 + i * 5, y: 200 + (i * i) % 300 });
    await session.keyboard.type("Hello from a keyboard\n");
    await session.pointer.move({ x: 5, y: 5 });
    await session.screen.screenshot({ quietMs: 300 });
  }
  return { capture: await tap.finish(), picture: null };
}

/** A terminal that scrolls, one that is typed into, a window that is moved about and closed. */
async function useDesktop(xspice: Xspice): Promise<void> {
  const scrolling = 'i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo "line $i of many"; sleep 0.02; done; exec cat';
  xspice.start("xterm", ["-T", "scrolling", "-geometry", "40x12+500+40", "-e", "sh", "-c", scrolling]);
  const terminal = await xspice.openTerminal({ geometry: "40x10+40+60" });
  await xspice.waitFocus(terminal.window).catch(() => {});
  await xspice.run("xdotool", ["type", "--delay", "15", "--window", terminal.window, "Typed by a program."]);
  const events = await xspice.openEventWindow({ geometry: "200x150+300+400" });
  for (let i = 0; i < 60; i++) {
    const x = Math.round(400 + 300 * Math.sin(i / 8)), y = Math.round(300 + 200 * Math.cos(i / 8));
    await xspice.run("xdotool", ["windowmove", events.window, `${x}`, `${y}`]);
  }
  await xspice.run("xdotool", ["windowsize", events.window, "320", "240"]);
  await pause(2000);
}
