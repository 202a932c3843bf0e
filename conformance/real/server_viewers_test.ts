/** Five viewers of several kinds on one server, coming and going while it paints. */
import assert from "node:assert/strict";
import { connect, type Connection, PixelsMachine, type Session, SpiceServer } from "../../mod.ts";
import { below, prng } from "../../protocol/schema/prng.ts";
import { type Picture, pictureDifference } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { type SpiceGtk, startSpiceGtk } from "../peers/spice_gtk.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";

const SIZE = { width: 800, height: 600 };
const MINUTES = Number(Deno.env.get("SAFFRON_SOAK_MINUTES") ?? 1 / 3);

peerTest({
  name: `five viewers come and go for ${Math.round(60 * MINUTES)} s, and all see the same in the end`,
  needs: ["gir1.2-spiceclientglib-2.0", "python3-gi", "spice-client-gtk"],
  timeoutMs: 60_000 + 60_000 * MINUTES,
  fn: async () => {
    const machine = new PixelsMachine({ ...SIZE });
    await using server = new SpiceServer({ machine });
    const uri = await server.listen({ port: 0 }), port = Number(new URL(uri).port);
    const end = performance.now() + 60_000 * MINUTES;
    const going = () => performance.now() < end;
    const counts = { paints: 0, library: 0, gtk: 0, spicy: 0 };
    /** Megabytes over the time. */
    const memory: number[] = [];
    await using last = new AsyncDisposableStack();
    const sessions: Session[] = [], gtks: SpiceGtk[] = [];

    const paint = async () => {
      const random = prng(20262);
      for (; going(); counts.paints++, await pause(10)) {
        paintOnce(machine, random);
        if (counts.paints % 100 === 0) memory.push(memoryMb());
      }
    };
    const library = async (number: number) => {
      const random = prng(number);
      for (; going(); counts.library++) {
        // Half of them vanish as a program that is killed does: all sockets at once, nothing said.
        const sockets: Connection[] = [], rude = number % 2 === 0;
        const open = async () => {
          const socket = closedOnce(await Deno.connect({ port }));
          sockets.push(socket);
          return socket;
        };
        const session = await connect(uri, { open });
        await pause(300 + below(random, 2000));
        if (rude) { for (const socket of sockets) socket.close(); }
        await session.close();
      }
      const session = last.use(await connect(uri));
      sessions.push(session);
    };
    const gtk = async (number: number) => {
      const random = prng(number);
      for (; going(); counts.gtk++) {
        // Disposing kills the process.
        await using viewer = await startSpiceGtk({ port });
        await pause(1000 + below(random, 4000));
        assert.equal((await viewer.shot()).width, SIZE.width);
      }
      gtks.push(last.use(await startSpiceGtk({ port })));
    };
    const spicy = async () => {
      for (; going(); counts.spicy++) {
        const { picture } = await spicyScreenshot(uri);
        assert.equal(picture.width, SIZE.width);
      }
    };
    // Once, so that the code is there.
    await (await connect(uri)).close();
    await waitUntil("no viewer", () => server.core.connections === 0);
    const before = memoryMb();
    await Promise.all([paint(), library(0), library(1), gtk(2), gtk(3), spicy()]);

    const truth = server.core.screen(0)!.surface;
    assert.equal(pictureDifference((await spicyScreenshot(uri)).picture, truth), null);
    for (const viewer of gtks) {
      await waitUntil("spice-gtk's last picture", async () => pictureDifference(await viewer.shot(), truth) === null);
    }
    for (const session of sessions) {
      await waitUntil("the library's last picture", () => pictureDifference(pictureOf(session), truth) === null);
    }
    await waitUntil("four viewers", () => server.core.viewers.length === 4);
    await last.disposeAsync();
    await waitUntil("no viewer", () => server.core.connections === 0);
    const megabytes = (server.traffic.sentBytes / 1e6).toFixed(0);
    console.log(`    ${JSON.stringify(counts)}, ${megabytes} MB sent`);
    console.log(`    MB without viewers: ${before.toFixed(1)} at the start, ${memoryMb().toFixed(1)} at the end`);
    // What is in use shows after a collection. In the first quarter caches are filled and code is compiled.
    const quarters = [1, 2, 3].map((n) =>
      Math.min(...memory.slice(n * memory.length >> 2, (n + 1) * memory.length >> 2))
    );
    console.log(
      `    least MB in use in each quarter from the second on: ${quarters.map((mb) => mb.toFixed(1)).join(", ")}`,
    );
  },
});

/** One step of what programs do: text, fills, windows that move, lines that scroll, pictures. */
function paintOnce(machine: PixelsMachine, random: ReturnType<typeof prng>): void {
  const { width, height, pixels } = machine;
  const left = below(random, width - 40), top = below(random, height - 40);
  const area = { left, top, right: left + 8 + below(random, 32), bottom: top + 8 + below(random, 32) };
  const kind = below(random, 40), color = below(random, 0x1000000);
  if (kind === 0) {
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i + color, 2654435761) >>> 8;
    return machine.damage();
  }
  if (kind < 6) {
    pixels.copyWithin(0, 16 * width);
    return machine.damage();
  }
  for (let y = area.top; y < area.bottom; y++) {
    for (let x = area.left; x < area.right; x++) pixels[y * width + x] = kind < 20 ? color : x * y * color & 0xffffff;
  }
  machine.damage(area);
}

function closedOnce(socket: Deno.Conn): Connection {
  let closed = false;
  return {
    read: (buffer) => socket.read(buffer),
    write: (bytes) => socket.write(bytes),
    close: () => {
      if (!closed) socket.close();
      closed = true;
    },
  };
}

function pictureOf(session: Session): Picture {
  const { width, height, rgba } = session.screen.picture();
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = rgba[4 * i]! << 16 | rgba[4 * i + 1]! << 8 | rgba[4 * i + 2]!;
  }
  return { width, height, pixels };
}

/** Heap and buffers, the library's viewers included; without garbage where V8 runs with `--expose-gc`. */
function memoryMb(): number {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return (heapUsed + external) / 1e6;
}
