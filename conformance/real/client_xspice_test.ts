/**
 * Our client on Xspice: real X programs, two keyboard layouts, clicks, wheel and drags.
 *
 * Only in client mouse mode: Xspice 0.1.5 has empty functions for the mouse of server mode, and spice-gtk cannot move
 * its pointer there either. A guest with a PS/2 mouse proves that mode: `client_guest_test.ts`.
 */
import assert from "node:assert/strict";
import { connect } from "../../mod.ts";
import { pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { startXspice } from "../peers/xspice.ts";

const XSPICE = ["xserver-xspice", "xserver-xorg-core", "xkb-data", "x11-xkb-utils", "x11-xserver-utils"];
const X_PROGRAMS = ["x11-utils", "x11-apps", "xdotool", "xterm", "openbox"];

peerTest({
  name: "Xspice: text in two layouts, buttons, wheel, a window dragged by its title, and equal pixels",
  needs: [...XSPICE, ...X_PROGRAMS],
  fn: async () => {
    await using xspice = await startXspice({ windowManager: true, driver: { SpiceStreamingVideo: "off" } });
    const terminal = await xspice.openTerminal({ fillLines: 50 });
    const events = await xspice.openEventWindow();
    await using session = await connect(xspice.uri);
    await session.screen.screenshot();
    assert.equal(session.pointer.mode, "client");
    const place = await xspice.place(terminal.window);
    const typed = async (lines: string) => {
      await waitUntil("the typed lines", async () => (await terminal.typed()).length >= lines.length);
      assert.equal(await terminal.typed(), lines);
    };

    await session.pointer.click({ x: place.x + place.width - 10, y: place.y + 20 });
    assert.deepEqual(await xspice.pointer(), { x: place.x + place.width - 10, y: place.y + 20 });
    const us = 'Hello, world? no: {us} ~|\\ "quoted" `tick` 0123456789\n';
    await session.keyboard.type(us);
    await typed(us);
    await xspice.setLayout("fr");
    const fr = "Été à OEuvre? ça @ #{}[]|\\ ~ ê ü 42€ L'île, où?\n";
    await session.keyboard.type(fr, { layout: "fr" });
    await typed(us + fr);

    const other = await xspice.place(events.window);
    const spot = { x: other.x + 50, y: other.y + 60 };
    for (const button of ["LEFT", "MIDDLE", "RIGHT"] as const) await session.pointer.click(spot, { button });
    await session.pointer.wheel(2);
    await session.pointer.wheel(-1);
    await waitUntil("six buttons", async () => (await events.buttons()).length === 6);
    assert.deepEqual(await events.buttons(), [1, 2, 3, 5, 5, 4]);

    const frame = await xspice.frame(terminal.window);
    const from = { x: place.x + 60, y: place.y - Math.floor(frame.top / 2) };
    await session.pointer.drag(from, { x: from.x + 120, y: from.y + 70 });
    await waitUntil("the window's new place", async () => (await xspice.place(terminal.window)).x === place.x + 120);
    assert.equal((await xspice.place(terminal.window)).y, place.y + 70);

    // Off the terminal: X draws its pointer itself, and a screendump lacks it.
    await session.pointer.move({ x: 5, y: 5 });
    await waitUntil("equal pictures", async () => {
      return pictureDifference(pictureOfRgba(await session.screen.screenshot()), await xspice.screendump()) === null;
    });
    assert.deepEqual(session.unsupported, []);
  },
});
