/** The server's command line in front of VNC servers of real X desktops: spice-gtk sees X's own pixels, and drives it. */
import assert from "node:assert/strict";
import { freePort } from "../peers/free_port.ts";
import { type Picture, pictureDifference } from "../peers/picture.ts";
import { mustRunProcess, startProcess } from "../peers/process.ts";
import { peerTest } from "../peers/require_peer.ts";
import { type SpiceGtk, startSpiceGtk } from "../peers/spice_gtk.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { startXDisplay, type XDisplay } from "../peers/x_display.ts";
import { startXvfb } from "../peers/xvfb.ts";
import { startServer } from "./server_command.ts";

const X = ["x11-apps", "x11-utils", "x11-xserver-utils", "xdotool", "xterm"];
const GTK = ["gir1.2-spiceclientglib-2.0", "python3-gi", "spice-client-gtk"];
const PASSWORD = "s3cret!";

peerTest({
  name: "TigerVNC behind our server: spicy and spice-gtk see X's pixels; keys, clicks and wheel arrive; a new size",
  needs: [...X, ...GTK, "tigervnc-standalone-server", "x11vnc"],
  timeoutMs: 90_000,
  fn: async () => {
    await using dir = await makeTempDir("server-rfb");
    const port = freePort(), scrambled = `${dir.path}/scrambled`;
    await mustRunProcess("x11vnc", ["-storepasswd", PASSWORD, scrambled]);
    await using desktop = await startXDisplay("Xtigervnc", [
      ...["-rfbport", `${port}`, "-localhost", "-geometry", "800x600", "-depth", "24"],
      ...["-SecurityTypes", "VncAuth", "-PasswordFile", scrambled],
    ]);
    await drive(desktop, port, dir.path, async (same) => {
      await desktop.run("xrandr", ["-s", "1024x768"]);
      const { width, height } = await same("a new size");
      assert.deepEqual([width, height], [1024, 768]);
    });
  },
});

peerTest({
  name: "x11vnc behind our server: spicy and spice-gtk see X's pixels; keys, clicks and wheel arrive",
  needs: [...X, ...GTK, "x11vnc", "xvfb"],
  timeoutMs: 90_000,
  fn: async () => {
    await using dir = await makeTempDir("server-rfb");
    await using desktop = await startXvfb({ width: 800, height: 600 });
    const port = freePort();
    await using vnc = startProcess("x11vnc", [
      ...["-display", desktop.display, "-rfbport", `${port}`, "-localhost", "-forever", "-shared", "-passwd", PASSWORD],
      ...["-noxrecord", "-noipv6", "-nowf"],
    ]);
    await waitUntil("x11vnc", async () => {
      vnc.mustRun();
      const conn = await Deno.connect({ port }).catch(() => undefined);
      conn?.close();
      return conn !== undefined;
    }, { everyMs: 200 });
    await drive(desktop, port, dir.path);
  },
});

/** Waits until spice-gtk shows what X holds. */
type Same = (what: string) => Promise<Picture>;

async function drive(
  desktop: XDisplay,
  port: number,
  folder: string,
  last: (same: Same) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await desktop.run("xsetroot", ["-mod", "16", "16", "-fg", "#204060", "-bg", "#806040"]);
  const terminal = await desktop.openTerminal();
  const events = await desktop.openEventWindow({ geometry: "200x150+500+350" });

  const passwordFile = `${folder}/password`;
  await Deno.writeTextFile(passwordFile, PASSWORD);
  await using server = startServer([
    ...["--listen", "127.0.0.1:0", "--machine", "rfb", `vnc://127.0.0.1:${port}`, "--vnc-password-file", passwordFile],
  ]);
  const [uri = ""] = await server.serving();
  await becomes("spicy-screenshot", async () => (await spicyScreenshot(uri)).picture, desktop);
  await using gtk = await startSpiceGtk({ port: Number(new URL(uri).port) });
  const same: Same = (what) => becomes(what, () => gtk.shot(), desktop);
  const before = await same("the first picture");

  // Without a window manager the keys go where the pointer is.
  await gtk.rpc.execute("position", { x: 80, y: 100 });
  await waitUntil("the pointer", async () => (await desktop.pointer()).x === 80);
  await gtk.key(0x1e, 0x30, 0x2e, 0x1c);
  await waitUntil("the typed line", async () => await terminal.typed() === "abc\n");
  await gtk.rpc.execute("position", { x: 600, y: 420 });
  for (let button = 1; button <= 5; button++) await click(gtk, button);
  await waitUntil("five buttons", async () => (await events.buttons()).length === 5);
  assert.deepEqual(await events.buttons(), [1, 2, 3, 4, 5]);
  const after = await same("the typed text");
  assert.notEqual(pictureDifference(after, before), null);
  await last(same);
}

async function click(gtk: SpiceGtk, button: number): Promise<void> {
  const state = button > 3 ? 0 : 1 << button - 1;
  await gtk.rpc.execute("button", { button, buttons: state, down: true });
  await gtk.rpc.execute("button", { button, buttons: 0, down: false });
}

/** @returns The picture, once it is X's own. */
async function becomes(what: string, shot: () => Promise<Picture>, desktop: XDisplay): Promise<Picture> {
  let difference: string | null = null;
  const look = async () => {
    // Between two sizes there is nothing to shoot.
    const seen = await shot().catch(() => null);
    if (seen === null) return undefined;
    difference = pictureDifference(seen, await desktop.screendump());
    return difference === null ? seen : undefined;
  };
  return await waitUntil(what, look, { everyMs: 100 }).catch((error) => {
    throw new Error(`${what}: ${difference}`, { cause: error });
  });
}
