/** Five viewers of several kinds on one server, coming and going while it paints. */
import assert from "node:assert/strict";
import { connect, type Connection, type Session } from "../../mod.ts";
import { below, prng } from "../../protocol/schema/prng.ts";
import { type Picture, pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { type SpiceGtk, startSpiceGtk } from "../peers/spice_gtk.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";
import { PAINTING_SERVER_FLAGS, type PaintingState } from "./painting_server.ts";

const WIDTH = 800, HEIGHT = 600;
const MINUTES = Number(Deno.env.get("SAFFRON_SOAK_MINUTES") ?? 1 / 3);

peerTest({
  name: `five viewers come and go for ${Math.round(60 * MINUTES)} s, all see the same, and the server's memory is back`,
  needs: ["gir1.2-spiceclientglib-2.0", "python3-gi", "spice-client-gtk"],
  timeoutMs: 90_000 + 60_000 * MINUTES,
  fn: async () => {
    await using server = await startPaintingServer();
    const { uri } = server, port = Number(new URL(uri).port);
    const counts = { sessions: 0, gtk: 0, spicy: 0 };
    await using last = new AsyncDisposableStack();
    const sessions: Session[] = [], gtks: SpiceGtk[] = [];
    /** When viewers stop coming. */
    let end = 0;
    const going = () => performance.now() < end;

    const library = async (number: number) => {
      const random = prng(number);
      do {
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
        counts.sessions++;
      } while (going());
    };
    const gtk = async (number: number) => {
      const random = prng(number);
      do {
        // Disposing kills the process.
        await using viewer = await startSpiceGtk({ port });
        await pause(1000 + below(random, 4000));
        assert.equal((await viewer.shot()).width, WIDTH);
        counts.gtk++;
      } while (going());
    };
    const spicy = async () => {
      do {
        const { picture } = await spicyScreenshot(uri);
        assert.equal(picture.width, WIDTH);
        counts.spicy++;
      } while (going());
    };
    const everyone = () => Promise.all([library(0), library(1), gtk(2), gtk(3), spicy()]);
    const empty = async () => {
      await waitUntil("no viewer", async () => (await server.ask("state")).connections === 0);
      // What one collection leaves, another takes: buffers are freed a while after the objects that held them.
      const least = { usedBytes: Infinity, residentBytes: Infinity };
      for (let i = 0; i < 20; i++, await pause(50)) {
        const { usedBytes, residentBytes } = await server.ask("state");
        least.usedBytes = Math.min(least.usedBytes, usedBytes);
        least.residentBytes = Math.min(least.residentBytes, residentBytes);
      }
      return least;
    };

    // Each kind once: from here on its code is there and its caches are filled.
    await server.ask("paint");
    await everyone();
    const before = await empty();

    end = performance.now() + 60_000 * MINUTES;
    /** Resident megabytes at ten moments, viewers included. */
    const resident: string[] = [];
    const watch = async () => {
      for (let part = 1; part <= 10; part++) {
        await pause(end - 60_000 * MINUTES * (1 - part / 10) - performance.now());
        resident.push(mb((await server.ask("state")).residentBytes));
      }
    };
    await Promise.all([everyone(), watch()]);
    const after = await empty();

    for (let i = 0; i < 2; i++) {
      sessions.push(last.use(await connect(uri)));
      gtks.push(last.use(await startSpiceGtk({ port })));
    }
    const { paints, sentBytes } = await server.ask("rest");
    const truth = await server.picture();
    assert.equal(pictureDifference((await spicyScreenshot(uri)).picture, truth), null);
    for (const viewer of gtks) {
      await waitUntil("spice-gtk's last picture", async () => pictureDifference(await viewer.shot(), truth) === null);
    }
    for (const { screen } of sessions) {
      const same = () => pictureDifference(pictureOfRgba(screen.picture()), truth) === null;
      await waitUntil("the library's last picture", same);
    }
    await waitUntil("four viewers", async () => (await server.ask("state")).viewers === 4);

    console.log(`    ${paints} paints, ${JSON.stringify(counts)}, ${(sentBytes / 1e6).toFixed(0)} MB sent`);
    const used = `${mb(before.usedBytes)} at the start, ${mb(after.usedBytes)} at the end`;
    console.log(`    MB of the server without viewers: in use ${used}`);
    const [first, final] = [before, after].map(({ residentBytes }) => mb(residentBytes));
    console.log(`    MB resident: ${first} at the start, ${resident.join(", ")} on the way, ${final} at the end`);
    assert.ok(after.usedBytes <= 1.1 * before.usedBytes, `memory is not back: ${used}`);
  },
});

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** The server as a process. */
interface PaintingServer extends AsyncDisposable {
  readonly uri: string;
  /** `paint`, `rest`, `state`. */
  ask(line: string): Promise<PaintingState>;
  /** The truth. */
  picture(): Promise<Picture>;
}

async function startPaintingServer(): Promise<PaintingServer> {
  const path = new URL("./painting_server.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", PAINTING_SERVER_FLAGS, path],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const line = async (): Promise<string> => {
    for (;;) {
      const end = text.indexOf("\n");
      if (end >= 0) {
        const found = text.slice(0, end);
        text = text.slice(end + 1);
        return found;
      }
      const { done, value } = await output.read();
      if (done) throw new Error("The painting server ended");
      text += value;
    }
  };
  const ask = async (question: string): Promise<PaintingState> => {
    await input.write(new TextEncoder().encode(`${question}\n`));
    return JSON.parse(await line());
  };
  return {
    uri: await line(),
    ask,
    picture: async () => {
      const file = await Deno.makeTempFile();
      await ask(`picture ${file}`);
      const bytes = await Deno.readFile(file);
      await Deno.remove(file);
      return { width: WIDTH, height: HEIGHT, pixels: new Uint32Array(bytes.buffer) };
    },
    [Symbol.asyncDispose]: async () => {
      await input.close();
      await output.cancel();
      child.kill("SIGTERM");
      await child.status;
    },
  };
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
