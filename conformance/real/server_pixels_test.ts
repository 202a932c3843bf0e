/** Our server with the machine that a program paints, seen and driven by spice-gtk. */
import assert from "node:assert/strict";
import { type MachineInput, PixelsMachine, SpiceServer } from "../../mod.ts";
import { pictureDifference } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startSpiceGtk } from "../peers/spice_gtk.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { waitUntil } from "../peers/wait_until.ts";

const GTK = ["gir1.2-spiceclientglib-2.0", "python3-gi"];
const SIZE = { width: 640, height: 480 };

for (const compression of ["lz", "off"] as const) {
  peerTest({
    name: `spicy-screenshot sees our server's pixels, compression ${compression}`,
    needs: ["spice-client-gtk"],
    fn: async () => {
      const machine = new PixelsMachine(SIZE);
      paint(machine);
      await using server = new SpiceServer({ machine, compression });
      const { picture } = await spicyScreenshot(await server.listen({ port: 0 }));
      assert.equal(pictureDifference(picture, machine), null);
    },
  });
}

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
