/**
 * A client that runs in a browser, for the suite to judge: spice-html5 or the npm package spice-client, fetched from the
 * npm registry, in Chromium. The page does what spice-html5's own `spice_auto.html` does; keys and pointer come as a
 * person's do, through the browser; a WebSocket server here carries the bytes, as websockify does.
 *
 * web_client.ts spice-html5|spice-client URI [PASSWORD [BROWSER]], with the address of a browser's DevTools
 */
import { parseUri } from "../../protocol/uri.ts";
import { openPage, type Page } from "../peers/chromium.ts";
import { type NpmPackage, npmPackage } from "../peers/npm_package.ts";
import { pause } from "../peers/wait_until.ts";
import { DOM_KEYS } from "./dom_keys.ts";
import { answerLines, Unsupported, type Verbs, writePicture } from "./lines.ts";
import { bridge } from "./web_bridge.ts";

/** A client that can be judged. */
interface WebClient extends NpmPackage {
  /** Its module in the package. */
  readonly entry: string;
}

/** Both are LGPL: they are fetched and run, no line of them stands here. */
export const WEB_CLIENTS: Readonly<Record<string, WebClient>> = {
  "spice-html5": {
    name: "@spice-project/spice-html5",
    version: "0.2.1",
    licence: "LGPL-3.0-or-later",
    integrity: "sha512-NY86i+x/0ldKK89enXghsXCzWwfb5DQ91hQFu9hbyLcAfCVn+ZKoYsw7xUWX6/HQBRrdu/4F1id7SdOwNqpG9g==",
    entry: "src/main.js",
  },
  "spice-client": {
    name: "spice-client",
    version: "1.2.0",
    licence: "LGPL-3.0-or-later",
    integrity: "sha512-FOAkyvK0mSZmrzY1ueB9cbQKcgkyReNpyko6nnnpy3sWKtrRJGJkmwm5Hw4DaZAa0EzLfqu4m7tCmWCxorP0GQ==",
    entry: "dist/esm/index.js",
  },
};

/** The buttons as the DevTools protocol names them, and their bits in `buttons`. */
const BUTTONS: Readonly<Record<string, { readonly button: string; readonly bit: number }>> = {
  LEFT: { button: "left", bit: 1 },
  RIGHT: { button: "right", bit: 2 },
  MIDDLE: { button: "middle", bit: 4 },
  SIDE: { button: "back", bit: 8 },
  EXTRA: { button: "forward", bit: 16 },
};

/** The elements that `spice_auto.html` gives the client. */
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><style>body{margin:0}</style>
<div id="spice-area"><div id="spice-screen" class="spice-screen"></div></div><div id="message-div"></div>`;

/** Starts the client, and answers until there are no more questions. */
export async function runWebClient(
  client: WebClient,
  uri: string,
  password: string,
  browser: string,
): Promise<void> {
  // The suite closes standard input first: that ends this program, with nothing left behind.
  Deno.addSignalListener("SIGTERM", () => {});
  const { host = "127.0.0.1", port } = parseUri(uri);
  await using stack = new AsyncDisposableStack();
  const folder = await npmPackage(client);
  const server = stack.use(Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/websockify") return bridge(request, { hostname: host, port: port! });
    if (pathname === "/") return new Response(PAGE, { headers: { "content-type": "text/html" } });
    const file = await Deno.readFile(`${folder}${pathname}`).catch(() => null);
    if (file === null) return new Response(null, { status: 404 });
    return new Response(file, { headers: { "content-type": "text/javascript" } });
  }));
  const address = `127.0.0.1:${server.addr.port}`;
  const opening = openPage(`http://${address}/`, {
    ...(browser !== "" && { browser }),
    onSaid: (text) => console.error(text),
    // A page whose process is gone is a client that crashed.
    onCrash: () => Deno.kill(Deno.pid, "SIGKILL"),
  });
  opening.then((page) => stack.use(page), () => {});
  const starting = opening.then(async (page) => {
    await page.call(startClient, `http://${address}/${client.entry}`, `ws://${address}/websockify`, password);
    return new Hands(page);
  });
  starting.catch((error) => console.error(String(error)));
  await answerLines(verbsOf(starting));
  // A page that is busy for ever is closed all the same.
  await Promise.race([starting.catch(() => {}), pause(500)]);
}

/** Verbs that ask the page, or use its keyboard and pointer. */
function verbsOf(starting: Promise<Hands>): Verbs {
  const number = (value: unknown) => Number(value ?? 0);
  return {
    shot: async (args) => {
      const { width, height, rgba } = await (await starting).page.call(picture, number(args["display"]));
      const bytes = Uint8Array.fromBase64(rgba), pixels = new Uint32Array(width * height);
      for (let i = 0; i < pixels.length; i++) {
        pixels[i] = bytes[4 * i]! << 16 | bytes[4 * i + 1]! << 8 | bytes[4 * i + 2]!;
      }
      return await writePicture({ width, height, pixels });
    },
    primary: async (args) => await (await starting).page.call(primary, number(args["display"])),
    cursor: async () => await (await starting).page.call(cursor),
    key: async (args) => await (await starting).key(number(args["scancode"]), args["down"] === true),
    move: async (args) => await (await starting).move(number(args["x"]), number(args["y"])),
    motion: async (args) => await (await starting).moveBy(number(args["dx"]), number(args["dy"])),
    button: async (args) => await (await starting).button(String(args["button"]), args["down"] === true),
    leds: async () => await (await starting).page.call(() => judged.client?.inputs?.keyboard_modifiers ?? 0),
    mouse_mode: async (args) => {
      // It asks for the client's mode by itself, and has no way to ask for the other.
      if (args["mode"] !== undefined) throw new Unsupported();
      const mode = await (await starting).page.call(() => judged.client?.mouse_mode ?? 0);
      return mode === 2 ? "client" : mode === 1 ? "server" : null;
    },
    agent: async () => await (await starting).page.call(() => judged.client?.agent_connected === true),
    clipboard: async (args) => await (await starting).copy(String(args["text"])),
    channels: async () => await (await starting).page.call(openChannels),
    ended: async () => await (await starting).page.call(() => judged.ended),
  };
}

/** The keyboard and the pointer of a person before the page. */
class Hands {
  #modifiers = 0;
  #buttons = 0;
  /** Where the pointer is on the client's picture; it comes in at the middle. */
  #at: { readonly x: number; readonly y: number } | null = null;

  constructor(readonly page: Page) {}

  async key(scancode: number, down: boolean): Promise<void> {
    const key = DOM_KEYS.get(scancode);
    if (key === undefined) throw new Unsupported();
    const { code, keyCode, modifier } = key;
    this.#modifiers = down ? this.#modifiers | modifier : this.#modifiers & ~modifier;
    await this.page.send("Input.dispatchKeyEvent", {
      type: down ? "rawKeyDown" : "keyUp",
      code,
      windowsVirtualKeyCode: keyCode,
      modifiers: this.#modifiers,
    });
  }

  async move(x: number, y: number): Promise<void> {
    this.#at = { x, y };
    await this.#mouse("mouseMoved", {});
  }

  async moveBy(dx: number, dy: number): Promise<void> {
    const { x, y } = await this.#comeIn();
    await this.move(x + dx, y + dy);
  }

  async button(name: string, down: boolean): Promise<void> {
    await this.#comeIn();
    // A step of a wheel is one event: it has no release.
    if (name === "UP" || name === "DOWN") {
      if (down) await this.#mouse("mouseWheel", { deltaX: 0, deltaY: name === "UP" ? -100 : 100 });
      return;
    }
    const { button, bit } = BUTTONS[name]!;
    this.#buttons = down ? this.#buttons | bit : this.#buttons & ~bit;
    await this.#mouse(down ? "mousePressed" : "mouseReleased", { button, clickCount: 1 });
  }

  /** Something is copied elsewhere, then the person comes back to the page. */
  async copy(text: string): Promise<void> {
    if (!await this.page.call(() => "send_clipboard_grab" in (judged.client ?? {}))) throw new Unsupported();
    const permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
    await this.page.send("Browser.grantPermissions", { permissions });
    await this.page.call(async (text: string) => {
      await navigator.clipboard.writeText(text);
      const canvas = document.querySelector<HTMLCanvasElement>("#spice-screen canvas");
      canvas?.blur();
      canvas?.focus();
    }, text);
  }

  async #comeIn(): Promise<{ readonly x: number; readonly y: number }> {
    if (this.#at === null) {
      const { width, height } = await this.page.call(primary, 0) ?? { width: 0, height: 0 };
      await this.move(width >> 1, height >> 1);
    }
    return this.#at!;
  }

  async #mouse(type: string, more: Readonly<Record<string, unknown>>): Promise<void> {
    const { left, top } = await this.page.call(corner), { x, y } = this.#at!;
    await this.page.send("Input.dispatchMouseEvent", {
      type,
      x: left + x,
      y: top + y,
      buttons: this.#buttons,
      modifiers: this.#modifiers,
      ...more,
    });
  }
}

// What follows runs in the page, each function by itself.

/** A channel as both clients have it. */
interface Channel {
  readonly state?: string;
  readonly chan_id: number;
  readonly ws?: WebSocket;
  channel_type(): string;
}

/** The parts of the clients' main channel that are looked at. */
interface Main extends Channel {
  readonly inputs?: Channel & { readonly keyboard_modifiers?: number };
  readonly cursor?: Channel;
  readonly display?: Channel & {
    readonly primary_surface?: number;
    readonly surfaces?: Readonly<Record<number, { readonly canvas: HTMLCanvasElement }>>;
  };
  readonly ports: readonly Channel[];
  readonly extra_channels?: readonly Channel[];
  readonly mouse_mode?: number;
  readonly agent_connected?: boolean;
  stop(): void;
}

declare const judged: { client: Main | null; ended: boolean };

async function startClient(module: string, uri: string, password: string): Promise<void> {
  const state: typeof judged = { client: null, ended: false };
  Object.assign(globalThis, { judged: state });
  const { SpiceMainConn, resize_helper, handle_resize } = await import(module);
  state.client = new SpiceMainConn({
    uri,
    screen_id: "spice-screen",
    message_id: "message-div",
    password,
    onerror: () => {
      state.ended = true;
      state.client?.stop();
    },
    onagent: (client: Main) => {
      addEventListener("resize", handle_resize);
      Object.assign(globalThis, { spice_connection: client });
      resize_helper(client);
    },
  });
}

function primary(display: number): { width: number; height: number } | null {
  const { surfaces, primary_surface } = judged.client?.display ?? {};
  const canvas = display !== 0 || primary_surface === undefined ? undefined : surfaces?.[primary_surface]?.canvas;
  return canvas === undefined ? null : { width: canvas.width, height: canvas.height };
}

function picture(display: number): { width: number; height: number; rgba: string } {
  const { surfaces, primary_surface } = judged.client?.display ?? {};
  const canvas = display !== 0 || primary_surface === undefined ? undefined : surfaces?.[primary_surface]?.canvas;
  if (canvas === undefined) throw new Error("no picture");
  const { width, height } = canvas, { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
  return { width, height, rgba: new Uint8Array(data.buffer).toBase64() };
}

function corner(): { left: number; top: number } {
  const canvas = document.querySelector("#spice-screen canvas");
  if (canvas === null) throw new Error("no picture");
  const { left, top } = canvas.getBoundingClientRect();
  return { left, top };
}

/** The pointer as the browser decodes it. It tells no place: the browser's own pointer is where it is. */
async function cursor(): Promise<Record<string, unknown>> {
  if (judged.client?.cursor === undefined) throw new Error("no cursor channel");
  const style = document.getElementById("spice-screen")!.style.cursor;
  const shape = /^url\("?(data:[^")]*)"?\)\s+(\d+)\s+(\d+)/.exec(style);
  const none = { x: null, y: null, visible: style !== "none", width: 0, height: 0, hotX: 0, hotY: 0, pixels: [] };
  if (shape === null) return none;
  const data = await (await fetch(shape[1]!)).arrayBuffer();
  const decoder = new ImageDecoder({ data, type: "image/png", colorSpaceConversion: "none" });
  const image = await decoder.decode().then((decoded) => decoded.image, () => null);
  // The browser shows its own arrow in place of a picture that it cannot read.
  if (image === null) return none;
  const { displayWidth: width, displayHeight: height } = image;
  const rgba = new Uint8Array(4 * width * height);
  await image.copyTo(rgba, { format: "RGBA" });
  const pixels = Array.from({ length: width * height }, (_, i) => {
    return (rgba[4 * i + 3]! << 24 | rgba[4 * i]! << 16 | rgba[4 * i + 1]! << 8 | rgba[4 * i + 2]!) >>> 0;
  });
  return { ...none, visible: true, width, height, hotX: Number(shape[2]), hotY: Number(shape[3]), pixels };
}

function openChannels(): string[] {
  const main = judged.client;
  if (main === null) return [];
  const all = [main, main.inputs, main.cursor, main.display, ...main.ports, ...main.extra_channels ?? []];
  return all.flatMap((one) => {
    return one?.state === "ready" && one.ws?.readyState === 1 ? [`${one.channel_type()}-${one.chan_id}`] : [];
  }).sort();
}

// Last, when all classes are there.
if (import.meta.main) {
  const [name = "", uri = "", password = "", browser = ""] = Deno.args, client = WEB_CLIENTS[name];
  if (client === undefined) throw new TypeError(`${name} is none of ${Object.keys(WEB_CLIENTS).join(", ")}`);
  await runWebClient(client, uri, password, browser);
  Deno.exit();
}
