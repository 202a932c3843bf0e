/** The demo machine on a person's desk: real clients with windows, a mouse and a keyboard. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { type CursorShape, DemoMachine, layoutByName, type MachineInput, SpiceServer, textToKeys } from "../../mod.ts";
import {
  DESKTOP_CLIENTS,
  type DesktopClient,
  type DesktopClientName,
  startDesktopClient,
} from "../peers/desktop_client.ts";
import { findPicture } from "../peers/find_picture.ts";
import { cropPicture, type Picture, pictureDifference } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { StandingClock } from "../peers/standing_clock.ts";
import { VdiPicture } from "../peers/vdi_picture.ts";
import { type WaitOptions, waitUntil } from "../peers/wait_until.ts";
import { startXvfb, type Xvfb } from "../peers/xvfb.ts";

const SCREEN = { width: 1400, height: 700 };
const HEAD = { width: 640, height: 480 };
const X = ["xvfb", "openbox", "xdotool", "x11-utils", "python3", "libxfixes3"];
const TEXT = "Hello, Saffron (42)?";
const WAIT: WaitOptions = { timeoutMs: 20_000 };

for (const name of Object.keys(DESKTOP_CLIENTS) as DesktopClientName[]) {
  const needs = [...X, DESKTOP_CLIENTS[name].package];

  peerTest({
    name: `${name} drags a window of the demo, types into it, and shows its pointers`,
    needs,
    fn: async () => {
      await using desk = await Desk.open(name, 1);
      const { area } = frontWindow(desk.truth(0));
      const title = { x: area.left + 60, y: area.top + 16 }, field = { x: area.left + 150, y: area.top + 120 };
      const close = { x: area.right - 16, y: title.y }, wallpaper = { x: area.left - 6, y: field.y };

      const shapes = new Set<string>();
      for (const [part, place] of Object.entries({ title, field, close, wallpaper })) {
        await desk.hand(0, place);
        await desk.showsPointer(part);
        shapes.add(desk.twin.cursors.get(0)!.pixels.join());
      }
      assert.equal(shapes.size, 4, "each part of the desktop has its pointer");

      const before = frontWindow(desk.truth(0)).picture;
      const [dx, dy] = [83, 47], at = (share: number) => ({ x: title.x + dx * share, y: title.y + dy * share });
      await desk.hand(0, at(0), "press", at(0.5), at(0.75), at(1), "release");
      await desk.frontWindowIsTwins("the window where it was dragged to");
      const moved = frontWindow(desk.truth(0));
      assert.deepEqual([moved.area.left - area.left, moved.area.top - area.top], [dx, dy]);
      assert.equal(pictureDifference(moved.picture, before), null);
      await desk.shows("the dragged window");

      await desk.hand(0, { x: field.x + dx, y: field.y + dy }, "press", "release");
      await desk.type(TEXT);
      await desk.frontWindowIsTwins("the text");
      assert.notEqual(pictureDifference(frontWindow(desk.truth(0)).picture, before), null);
      await desk.shows("the text");
    },
  });

  peerTest({
    name: `${name} shows each of two heads of the demo in its own window`,
    needs,
    fn: async () => {
      await using desk = await Desk.open(name, 2);
      for (const [head, place] of desk.places.entries()) {
        const window = await desk.client.place(head);
        assert.ok(place.x >= window.x && place.x + HEAD.width <= window.x + window.width, `head ${head}, across`);
        assert.ok(place.y >= window.y && place.y + HEAD.height <= window.y + window.height, `head ${head}, down`);
      }

      const before = desk.truth(1);
      await desk.hand(1, { x: 60, y: 350 }, "press", "release");
      assert.notEqual(pictureDifference(desk.twin.heads.get(1)!, before), null, "a window comes to the front");
      await waitUntil("the click on the second head", () => {
        return pictureDifference(desk.truth(1), desk.twin.heads.get(1)!) === null;
      }, WAIT);
      await desk.shows("the window in front");

      const clicked = desk.truth(1);
      desk.clock.pass(5000);
      assert.notEqual(pictureDifference(desk.truth(1), clicked), null, "the clock goes on");
      await desk.shows("the time");
    },
  });
}

/** A server with the demo, a client on a screen, and a twin of the demo that is given directly what the client sends. */
class Desk implements AsyncDisposable {
  /** What the twin shows. */
  readonly twin = new VdiPicture();
  /** The server's clock. */
  readonly clock = new StandingClock();
  /** Where the screen shows each head's pixels. */
  places: readonly { readonly x: number; readonly y: number }[] = [];
  readonly #demo: SeenDemo;
  readonly #server: SpiceServer;
  readonly #twin: DemoMachine;
  readonly #owned = new AsyncDisposableStack();
  #client: DesktopClient | null = null;

  private constructor(readonly screen: Xvfb, readonly heads: number) {
    this.#demo = new SeenDemo({ ...HEAD, heads, clock: this.clock });
    this.#server = this.#owned.use(new SpiceServer({ machine: this.#demo }));
    this.#twin = new DemoMachine({ ...HEAD, heads, clock: new StandingClock() });
    this.#owned.defer(() => this.#twin.stop());
    this.#owned.use(screen);
  }

  /** Sets all up and waits until the client shows all heads and its input arrives. */
  static async open(name: DesktopClientName, heads: number): Promise<Desk> {
    const desk = new Desk(await startXvfb(SCREEN), heads);
    try {
      await desk.#open(name);
    } catch (error) {
      await desk[Symbol.asyncDispose]();
      throw error;
    }
    return desk;
  }

  async #open(name: DesktopClientName): Promise<void> {
    await this.screen.startWindowManager();
    await this.#twin.start(this.twin, () => {});
    this.#twin.watched(1);
    await this.#park();
    const uri = await this.#server.listen({ port: 0 }), { heads } = this;
    this.#client = await startDesktopClient(this.screen, {
      name,
      uri,
      machine: this.twin.name!,
      heads,
      pitch: SCREEN.width / 2,
    });
    await this.shows("the first pictures");
    // What comes before the client's channel for it is open is lost.
    let x = 0;
    await waitUntil("the client's first input", async () => {
      await this.hand(0, { x: x = 9 - x, y: 0 });
      return this.#demo.inputs > 0;
    }, WAIT);
  }

  /** The client. */
  get client(): DesktopClient {
    return this.#client!;
  }

  /** A copy of what the server shows. */
  truth(head: number): Picture {
    const { width, height, pixels } = this.#server.core.screen(head)!.surface;
    return { width, height, pixels: pixels.slice() };
  }

  /** Waits until the screen shows all heads pixel for pixel, with the pointer out of the way. */
  async shows(what: string): Promise<void> {
    await this.#park();
    let shown = await this.screen.memory();
    await waitUntil(`${what} in the client's windows`, async () => {
      this.client.process.mustRun();
      shown = await this.screen.memory();
      const places = Array.from({ length: this.heads }, (_, head) => findPicture(shown, this.truth(head)));
      if (places.includes(null)) return false;
      this.places = places.filter((place) => place !== null);
      return true;
    }, WAIT).catch((error) => {
      const differences = this.places.map((place, head) => {
        return `head ${head}: ${pictureDifference(cropPicture(shown, { ...place, ...HEAD }), this.truth(head))}`;
      });
      throw new Error(`${[error.message, ...differences].join("\n")}\n${this.client.process.output()}`);
    });
  }

  /** Waits until X shows the twin's pointer. */
  async showsPointer(what: string): Promise<void> {
    const expected = inGtk(this.twin.cursors.get(0)!);
    await waitUntil(`the pointer over ${what}`, async () => {
      return isDeepStrictEqual(await this.screen.cursor(), expected);
    }, WAIT);
  }

  /** Waits until the server's frontmost window on the first head is where and what the twin's is. */
  async frontWindowIsTwins(what: string): Promise<void> {
    const expected = frontWindow(this.twin.heads.get(0)!);
    await waitUntil(what, () => isDeepStrictEqual(frontWindow(this.truth(0)), expected), WAIT);
  }

  /** Moves the mouse to places of a head, and presses and releases its left button. */
  async hand(head: number, ...steps: ("press" | "release" | { readonly x: number; readonly y: number })[]) {
    const words: string[] = [];
    for (const step of steps) {
      if (typeof step === "string") {
        const down = step === "press";
        words.push(down ? "mousedown" : "mouseup", "1");
        this.#twin.input({ kind: "button", button: "LEFT", down });
        continue;
      }
      const x = Math.round(step.x), y = Math.round(step.y), place = this.places[head]!;
      words.push("mousemove", `${place.x + x}`, `${place.y + y}`);
      this.#twin.input({ kind: "position", head, x, y });
    }
    await this.screen.run("xdotool", words);
  }

  /** Types a text on an American keyboard. */
  async type(text: string): Promise<void> {
    for (const key of textToKeys(text, layoutByName("us"))) this.#twin.input({ kind: "key", ...key });
    await this.screen.run("xdotool", ["type", text]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  /** X draws the pointer into its screen: a corner beside the windows is for it. */
  async #park(): Promise<void> {
    await this.screen.run("xdotool", ["mousemove", `${SCREEN.width - 1}`, `${SCREEN.height - 1}`]);
  }
}

/** The demo, counting its input. */
class SeenDemo extends DemoMachine {
  inputs = 0;

  override input(input: MachineInput): void {
    this.inputs++;
    super.input(input);
  }
}

/** Frame of the demo's frontmost window. Source: server/machines/demo/theme.ts. */
const FRAME = 0xf1ede6;
/** Pixels of it in a row, at least: on smoothed edges the same colour comes alone. */
const LEAST_RUN = 8;
/** Its round corners show what is behind. */
const CORNER = 9;

/** The frontmost window: where its frame is, and its pixels without the border. */
function frontWindow(head: Picture) {
  const { width, pixels } = head;
  let left = width, top = head.height, right = 0, bottom = 0, run = 0;
  pixels.forEach((pixel, i) => {
    const x = i % width, y = Math.floor(i / width);
    run = pixel !== FRAME ? 0 : x === 0 ? 1 : run + 1;
    if (run < LEAST_RUN) return;
    left = Math.min(left, x + 1 - run);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  const inner = {
    x: left + CORNER,
    y: top + CORNER,
    width: right - left - 2 * CORNER,
    height: bottom - top - 2 * CORNER,
  };
  return { area: { left, top, right, bottom }, picture: cropPicture(head, inner) };
}

/**
 * A pointer as X gets it from spice-gtk. Over the wire go colours multiplied by alpha, as X has them; spice-gtk takes
 * them for a GdkPixbuf's, which are not, and so they are multiplied once more.
 */
function inGtk(shape: CursorShape): CursorShape {
  const pixels = shape.pixels.map((pixel) => {
    const alpha = pixel >>> 24, times = (value: number) => (value * alpha + 128) * 257 >>> 16;
    return (alpha << 24 | times(pixel >> 16 & 255) << 16 | times(pixel >> 8 & 255) << 8 | times(pixel & 255)) >>> 0;
  });
  return { ...shape, pixels };
}
