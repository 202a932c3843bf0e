/** Our server with the machine that a program paints, seen and driven by spice-gtk. */
import assert from "node:assert/strict";
import { type MachineInput, PixelsMachine, SpiceServer } from "../../mod.ts";
import { type Picture, pictureDifference } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { type SpiceGtk, startSpiceGtk } from "../peers/spice_gtk.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { waitUntil } from "../peers/wait_until.ts";

const GTK = ["gir1.2-spiceclientglib-2.0", "python3-gi"];
const SIZE = { width: 640, height: 480 };

/** What spice-gtk is sent where the machine shows text and where it shows a photograph, by what the server is asked. */
const COMPRESSIONS = {
  "auto": "GLZ_RGB QUIC",
  "off": "BITMAP",
  "auto-glz": "GLZ_RGB QUIC",
  "auto-lz": "LZ_PLT LZ_RGB QUIC",
  "quic": "QUIC",
  "glz": "GLZ_RGB",
  "lz": "LZ_PLT LZ_RGB",
  "lz4": "BITMAP LZ4",
} as const;

for (const imageCompression of Object.keys(COMPRESSIONS) as (keyof typeof COMPRESSIONS)[]) {
  peerTest({
    name: `spicy-screenshot sees our server's pixels, image compression ${imageCompression}`,
    needs: ["spice-client-gtk"],
    fn: async () => {
      const machine = new PixelsMachine(SIZE);
      paint(machine);
      await using server = new SpiceServer({ machine, imageCompression });
      const { picture } = await spicyScreenshot(await server.listen({ port: 0 }));
      assert.equal(pictureDifference(picture, machine), null);
    },
  });

  peerTest({
    name: `spice-gtk sees frame after frame of text and a photograph, image compression ${imageCompression}`,
    needs: GTK,
    fn: async () => {
      const machine = new PixelsMachine(SIZE);
      await using server = new SpiceServer({ machine, imageCompression });
      const seen = await showFrames(machine, server, new Set());
      assert.deepEqual([...seen].sort().join(" "), COMPRESSIONS[imageCompression]);
    },
  });
}

peerTest({
  name: "spice-gtk sees frames of GLZ inside zlib",
  needs: GTK,
  fn: async () => {
    const machine = new PixelsMachine(SIZE);
    await using server = new SpiceServer({ machine, imageCompression: "glz", zlibGlz: "always" });
    assert.deepEqual([...await showFrames(machine, server, new Set())], ["ZLIB_GLZ_RGB"]);
  },
});

peerTest({
  name: "spice-gtk has a window of its own each time it connects, and for each viewer",
  needs: GTK,
  fn: async () => {
    const machine = new PixelsMachine(SIZE);
    await using server = new SpiceServer({ machine, imageCompression: "glz" });
    const port = Number(new URL(await server.listen({ port: 0 })).port);
    for (let time = 0; time < 2; time++) {
      await using one = await startSpiceGtk({ port });
      await using other = await startSpiceGtk({ port, properties: { "glz-window-size": 1 << 20 } });
      for (let frame = 0; frame < 6; frame++) {
        paintFrame(machine, frame);
        await Promise.all([one, other].map((gtk) => shows(gtk, machine, `frame ${frame}`)));
      }
    }
  },
});

peerTest({
  name: "spice-gtk sees a photograph as JPEG first, and every pixel once it rests",
  needs: GTK,
  fn: async () => {
    const machine = new PixelsMachine(SIZE);
    await using server = new SpiceServer({ machine, jpeg: "always" });
    const kinds = watchKinds(server);
    await using gtk = await startSpiceGtk({ port: Number(new URL(await server.listen({ port: 0 })).port) });
    paintFrame(machine, 1);
    await waitUntil("a JPEG", () => kinds.has("JPEG"));
    await waitUntil("something near", async () => meanDifference(await gtk.shot(), machine) < 6);
    await shows(gtk, machine, "every pixel");
    assert.ok(kinds.has("QUIC"));
  },
});

peerTest({
  name: "spice-gtk sees fills, moves, scrolling and a new size, and its input arrives",
  needs: GTK,
  fn: async () => {
    const inputs: MachineInput[] = [];
    const machine = new PixelsMachine({ ...SIZE, onInput: (input) => inputs.push(input) });
    paint(machine);
    await using server = new SpiceServer({ machine, password: "secret" });
    const uri = await server.listen({ port: 0 });
    await using gtk = await startSpiceGtk({ port: Number(new URL(uri).port), ticket: "secret" });
    const same = (what: string) =>
      waitUntil(what, async () => {
        const truth = server.core.screen(0)!.surface;
        // Between two sizes there is nothing to shoot.
        const shot = await gtk.shot().catch(() => null);
        return shot !== null && pictureDifference(shot, truth) === null;
      });
    await same("the first picture");
    machine.draw({ kind: "fill", area: { left: 10, top: 20, right: 90, bottom: 70 }, color: 0x336699 });
    machine.draw({ kind: "copy", area: { left: 200, top: 100, right: 400, bottom: 300 }, from: { x: 190, y: 83 } });
    await same("a fill and a move");
    for (let step = 0; step < 20; step++) {
      machine.pixels.copyWithin(0, 16 * SIZE.width);
      machine.damage();
    }
    await same("scrolled lines");
    machine.resize(800, 600);
    paint(machine);
    machine.damage();
    await same("another size");

    await gtk.key(0x1e, 0x148);
    await gtk.rpc.execute("mouse_mode", { mode: 2 });
    await gtk.rpc.execute("position", { x: 123, y: 45 });
    await gtk.rpc.execute("button", { button: 1, buttons: 1, down: true });
    await gtk.rpc.execute("button", { button: 1, buttons: 0, down: false });
    await waitUntil("a click", () => inputs.some((input) => input.kind === "button" && !input.down));
    assert.deepEqual(inputs.filter(({ kind }) => kind === "key"), [
      { kind: "key", scancode: 0x1e, down: true },
      { kind: "key", scancode: 0x1e, down: false },
      { kind: "key", scancode: 0xe048, down: true },
      { kind: "key", scancode: 0xe048, down: false },
    ]);
    assert.deepEqual(inputs.filter(({ kind }) => kind === "position" || kind === "button"), [
      { kind: "position", head: 0, x: 123, y: 45 },
      { kind: "button", button: "LEFT", down: true },
      { kind: "button", button: "LEFT", down: false },
    ]);
  },
});

peerTest({
  name: "spice-gtk asks for another size, and gets it from a machine that can; it is offered nothing else",
  needs: GTK,
  fn: async () => {
    const machine: PixelsMachine = new PixelsMachine({
      ...SIZE,
      resizable: true,
      onInput: (input) => {
        if (input.kind !== "resize") return;
        machine.resize(input.width, input.height);
        paint(machine);
        machine.damage();
      },
    });
    await using server = new SpiceServer({ machine });
    await using gtk = await startSpiceGtk({ port: Number(new URL(await server.listen({ port: 0 })).port) });
    // MONITORS_CONFIG, REPLY and SPARSE_MONITORS_CONFIG.
    await waitUntil("the agent's capabilities", async () => {
      return JSON.stringify(await gtk.rpc.execute("agent", {})) === '{"connected":true,"caps":[1,2,7]}';
    });
    for (const size of [[800, 600], [1024, 768], [333, 257]]) {
      await gtk.rpc.execute("resize", { sizes: [size] });
      await waitUntil(`a picture of ${size}`, async () => {
        const shot = await gtk.shot().catch(() => null);
        return shot !== null && shot.width === size[0] && pictureDifference(shot, machine) === null;
      });
    }
  },
});

/** Frames through one window, each compared. @returns The kinds of image that were sent. */
async function showFrames(machine: PixelsMachine, server: SpiceServer, kinds: Set<string>): Promise<Set<string>> {
  watchKinds(server, kinds);
  await using gtk = await startSpiceGtk({ port: Number(new URL(await server.listen({ port: 0 })).port) });
  for (let frame = 0; frame < 10; frame++) {
    paintFrame(machine, frame);
    await shows(gtk, machine, `frame ${frame}`);
  }
  return kinds;
}

async function shows(gtk: SpiceGtk, machine: PixelsMachine, what: string): Promise<void> {
  await waitUntil(what, async () => pictureDifference(await gtk.shot(), machine) === null);
}

/** Notes the kinds of images that a server sends from now on. */
function watchKinds(server: SpiceServer, kinds = new Set<string>()): Set<string> {
  const { core } = server, draw = core.draw.bind(core);
  core.draw = (head, drawable) => {
    draw(head, drawable);
    const screen = core.screen(head);
    if (screen === undefined || watched.has(screen)) return;
    watched.add(screen);
    const request = screen.request.bind(screen);
    const note = ({ value: { data } }: ReturnType<typeof screen.encode>) => {
      if ("srcBitmap" in data) kinds.add(data.srcBitmap!.body.is);
    };
    screen.request = (...given) => {
      const found = request(...given);
      if (found !== null && "message" in found) note(found);
      else found?.wait(note);
      return found;
    };
  };
  return kinds;
}

const watched = new WeakSet<object>();

/** Mean difference of a channel. */
function meanDifference(a: Picture, b: Picture): number {
  let sum = 0;
  for (let i = 0; i < a.pixels.length; i++) {
    for (const shift of [0, 8, 16]) sum += Math.abs((a.pixels[i]! >> shift & 255) - (b.pixels[i]! >> shift & 255));
  }
  return sum / a.pixels.length / 3;
}

/** Left what is like text, of two, of many, and of sixteen colours, right what is like a photograph; all of it anew in each frame. */
function paintFrame(machine: PixelsMachine, frame: number): void {
  const { width, height, pixels } = machine;
  const put = (left: number, right: number, top: number, bottom: number, color: (x: number, y: number) => number) => {
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) pixels[y * width + x] = color(x, y) & 0xffffff;
    }
    machine.damage({ left, top, right, bottom });
  };
  put(0, 256, 0, 240, (x, y) => (x * 7 ^ y * 5 + frame * 3) % 11 < 4 && y % 12 < 9 ? 0x202020 : 0xfafafa - frame);
  put(0, 256, 240, 320, (x, y) => {
    const cell = (x >> 3) + (y >> 3) * 32 + frame;
    return (x ^ y + cell) % 7 < 3 ? Math.imul(cell, 0x9e3779b1) >>> 8 : 0xffffff;
  });
  put(0, 256, 352, height, (x, y) => {
    return (Math.imul(x * 7919 + y * 104729 + frame, 2654435761) >>> 28) * 0x101010;
  });
  put(320, width, 0, height, (x, y) => {
    const red = 128 + 100 * Math.sin(x / 31 + y / 57 + frame), green = 128 + 90 * Math.sin(y / 23 - frame);
    return red << 16 | green << 8 | (x + y >> 2 & 127) + (x * 31 + y * 17) % 3;
  });
}

/** Gradients, noise, and stripes of one colour. */
function paint(machine: PixelsMachine): void {
  const { width, height, pixels } = machine;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const noise = Math.imul(x * 7919 + y * 104729, 2654435761) >>> 8;
      pixels[y * width + x] = y < height / 3
        ? (x & 255) << 16 | (y & 255) << 8
        : y < height / 2
        ? noise & 0xffffff
        : 0x203040;
    }
  }
}
