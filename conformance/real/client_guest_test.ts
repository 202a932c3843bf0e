/**
 * Our client on Linux in QEMU: text, buttons, wheel, a dragged window and pixels in both mouse modes, with real drivers.
 *
 * Places in client mode may be one pixel to the left or above: QEMU scales them to the 32768 steps of a USB tablet, and
 * both it and the guest round down (ui/spice-input.c spice_update_tablet_state, ui/input.c qemu_input_scale_axis).
 */
import assert from "node:assert/strict";
import { connect, KeyboardModifierFlags, type Session } from "../../mod.ts";
import { LINUX_GUEST, type LinuxGuest, type LinuxGuestOptions, startLinuxGuest } from "../peers/linux_guest.ts";
import { type Picture, pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";

for (const vga of ["qxl", "virtio"] as const) {
  peerTest({
    name: `Linux on ${vga}: text, buttons, wheel, a dragged window and pixels, with PS/2 mouse and with tablet`,
    needs: LINUX_GUEST,
    timeoutMs: 180_000,
    fn: () => drive(vga),
  });
}

peerTest({
  name: "Linux that draws its cursor itself: a move in server mode says that there is none to follow",
  needs: LINUX_GUEST,
  timeoutMs: 120_000,
  fn: async () => {
    await using guest = await startLinuxGuest({ vga: "std" });
    await using session = await connect(guest.qemu.uri);
    await session.ready();
    await assert.rejects(session.pointer.move({ x: 100, y: 100 }), /the guest must show a cursor/);
    const before = await guest.desktop.pointer();
    await session.pointer.moveBy(60, -40);
    await waitUntil("a moved pointer", async () => {
      const { x, y } = await guest.desktop.pointer();
      return x > before.x && y < before.y;
    });
  },
});

peerTest({
  name: "Text that is typed while QEMU is held up arrives whole",
  needs: LINUX_GUEST,
  timeoutMs: 120_000,
  fn: async () => {
    await using guest = await startLinuxGuest({ vga: "std" });
    const terminal = await guest.desktop.openTerminal();
    await using session = await connect(guest.qemu.uri);
    await guest.desktop.waitFocus(terminal.window);
    const text = "All that was typed meanwhile is taken at once when it goes on.\n";
    const typing = session.keyboard.type(text);
    await pause(300);
    Deno.kill(guest.qemu.process.pid, "SIGSTOP");
    await pause(500);
    Deno.kill(guest.qemu.process.pid, "SIGCONT");
    await typing;
    await waitUntil("the typed line", async () => (await terminal.typed()).endsWith("\n"));
    assert.equal(await terminal.typed(), text);
  },
});

/** Windows and what is known of them. */
interface Windows {
  readonly terminal: { readonly window: string; typed(): Promise<string> };
  readonly events: { readonly window: string; buttons(): Promise<number[]> };
}

async function drive(vga: LinuxGuestOptions["vga"]): Promise<void> {
  await using guest = await startLinuxGuest({ vga });
  const { desktop } = guest;
  const windows = {
    terminal: await desktop.openTerminal({ title: "terminal", geometry: "60x12+140+160" }),
    events: await desktop.openEventWindow({ title: "events", geometry: "300x200+660+440" }),
  };
  await using session = await connect(guest.qemu.uri);
  await session.screen.screenshot();

  assert.equal(session.pointer.mode, "server");
  await pointAndDrag(guest, session, windows, 0);
  await type(guest, session, windows);
  await lockKeys(session);
  await pixels(guest, session, 0);

  await guest.plugTablet();
  await waitUntil("client mouse mode", () => session.pointer.mode === "client");
  await pointAndDrag(guest, session, windows, 1);
  await type(guest, session, windows);
  await pixels(guest, session, 1);

  await guest.unplugTablet();
  await waitUntil("server mouse mode", () => session.pointer.mode === "server");
  await move(guest, session, { x: 300, y: 200 }, 0);
  assert.deepEqual(session.unsupported, []);
}

/** @param off How many pixels a place may be off to the left and above. */
async function pointAndDrag(guest: LinuxGuest, session: Session, windows: Windows, off: number): Promise<void> {
  const { desktop } = guest;
  for (
    const place of [{ x: 100, y: 100 }, { x: 1023, y: 767 }, { x: 0, y: 0 }, { x: 515, y: 310 }, { x: 514, y: 311 }]
  ) {
    await move(guest, session, place, off);
  }

  const area = await desktop.place(windows.events.window);
  const before = await windows.events.buttons();
  const spot = { x: area.x + 50, y: area.y + 60 };
  for (const button of ["LEFT", "MIDDLE", "RIGHT"] as const) await session.pointer.click(spot, { button });
  await session.pointer.wheel(2);
  await session.pointer.wheel(-1);
  const buttons = async () => (await windows.events.buttons()).slice(before.length);
  await waitUntil("six buttons", async () => (await buttons()).length === 6);
  assert.deepEqual(await buttons(), [1, 2, 3, 5, 5, 4]);

  const { window } = windows.terminal;
  const place = await desktop.place(window), frame = await desktop.frame(window);
  const from = { x: place.x + 60, y: place.y - Math.floor(frame.top / 2) };
  await session.pointer.drag(from, { x: from.x + 120, y: from.y + 70 });
  const moved = async () => {
    const { x, y } = await desktop.place(window);
    return [x - place.x, y - place.y];
  };
  await waitUntil("the window's new place", async () => {
    const [dx, dy] = await moved();
    return Math.abs(dx! - 120) <= off && Math.abs(dy! - 70) <= off;
  });
}

async function move(guest: LinuxGuest, session: Session, place: { x: number; y: number }, off: number): Promise<void> {
  await session.pointer.move(place);
  await waitUntil(`the pointer at ${place.x}, ${place.y}`, async () => {
    const { x, y } = await guest.desktop.pointer();
    return place.x - x >= 0 && place.x - x <= off && place.y - y >= 0 && place.y - y <= off;
  });
}

async function type(guest: LinuxGuest, session: Session, { terminal }: Windows): Promise<void> {
  const place = await guest.desktop.place(terminal.window);
  await session.pointer.click({ x: place.x + place.width - 10, y: place.y + 20 });
  await guest.desktop.waitFocus(terminal.window);
  let expected = await terminal.typed();
  const typed = async (text: string, layout: string) => {
    await guest.desktop.setLayout(layout);
    await session.keyboard.type(text, { layout });
    expected += text;
    await waitUntil("the typed lines", async () => (await terminal.typed()).length >= expected.length).catch(
      async () => {
        // What has come of a line is in the file when it ends.
        await session.keyboard.press("enter");
        await pause(1000);
      },
    );
    assert.equal(await terminal.typed(), expected);
  };
  await typed('Hello, World? no: {us} ~|\\ "quoted" `tick` 0123456789\n', "us");
  await typed("Été à OEuvre? ça @ #{}[]|\\ ~ ê ü 42€ L'île, où?\n", "fr");
  await guest.desktop.setLayout("us");
}

/** The guest lights the keyboard's LEDs, and the server tells. */
async function lockKeys(session: Session): Promise<void> {
  const { CAPS_LOCK, NUM_LOCK } = KeyboardModifierFlags;
  const told: number[] = [];
  const telling = (async () => {
    for await (const event of session.events()) {
      if (event.type === "modifiers" && told.push(event.modifiers) === 4) return;
    }
  })();
  for (const [key, count] of [["capslock", 1], ["numlock", 2], ["capslock", 3], ["numlock", 4]] as const) {
    await session.keyboard.press(key);
    await waitUntil(`the LEDs after ${key}`, () => told.length === count);
  }
  assert.deepEqual(told, [CAPS_LOCK, CAPS_LOCK | NUM_LOCK, NUM_LOCK, 0]);
  await telling;
}

/** While the machine is stopped: our picture is QEMU's, which lacks the cursor; with it, it is where the guest has it. */
async function pixels(guest: LinuxGuest, session: Session, off: number): Promise<void> {
  const place = { x: 800, y: 120 };
  await move(guest, session, place, off);
  const expected = await guest.qemu.stopStill();
  const plain = pictureOfRgba(await session.screen.screenshot());
  assert.equal(pictureDifference(plain, expected), null);

  const cursor = changed(pictureOfRgba(await session.screen.screenshot({ cursor: true })), plain);
  assert(cursor.width > 5 && cursor.width <= 64 && cursor.height > 5 && cursor.height <= 64, JSON.stringify(cursor));
  // Openbox's arrow has its hot spot in the upper left corner.
  assert(Math.abs(cursor.x - place.x) <= 2 && Math.abs(cursor.y - place.y) <= 2, JSON.stringify(cursor));
  await guest.qemu.cont();
}

/** The rectangle in which two pictures differ. */
function changed(a: Picture, b: Picture): { x: number; y: number; width: number; height: number } {
  const xs: number[] = [], ys: number[] = [];
  a.pixels.forEach((pixel, at) => {
    if (pixel === b.pixels[at]) return;
    xs.push(at % a.width);
    ys.push(Math.floor(at / a.width));
  });
  const x = Math.min(...xs), y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) + 1 - x, height: Math.max(...ys) + 1 - y };
}
