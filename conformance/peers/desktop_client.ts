/** SPICE clients for people, with windows on an X screen: spice-gtk's spicy, and remote-viewer of virt-viewer. */

import type { PeerProcess } from "./process.ts";
import { type WaitOptions, waitUntil } from "./wait_until.ts";
import type { WindowPlace } from "./x_desktop.ts";
import type { XDisplay } from "./x_display.ts";

/** What of a client differs from the others. */
interface DesktopClientKind {
  /** Debian package. */
  readonly package: string;
  /** Its arguments: heads pixel for pixel, no sound, no USB. */
  readonly args: (uri: string) => readonly string[];
  /** Title of a head's window. */
  readonly title: (machine: string, head: number) => string;
}

/** The clients, by program. */
export const DESKTOP_CLIENTS = {
  "spicy": {
    package: "spice-client-gtk",
    args: (uri) => ["--uri", uri, "--spice-disable-audio", "--spice-disable-usbredir"],
    title: (_machine, head) => `spice display ${head}:0`,
  },
  "remote-viewer": {
    package: "virt-viewer",
    args: (uri) => [
      ...[uri, "--zoom", "100", "--auto-resize", "never"],
      ...["--spice-disable-audio", "--spice-disable-usbredir"],
    ],
    title: (machine, head) => `${machine} (${head + 1})`,
  },
} as const satisfies Record<string, DesktopClientKind>;

/** A client's program. */
export type DesktopClientName = keyof typeof DESKTOP_CLIENTS;

/** What a client is to show. */
export interface DesktopClientOptions {
  /** Its program. */
  readonly name: DesktopClientName;
  /** Where it connects to. */
  readonly uri: string;
  /** The name that the server tells. */
  readonly machine: string;
  /** Number of heads. */
  readonly heads: number;
  /** Room for each window, in pixels: they are put side by side. */
  readonly pitch: number;
}

/** A client with a window for each head. It ends with its screen. */
export interface DesktopClient {
  readonly process: PeerProcess;
  /** Where the content of a head's window is; the head's pixels are somewhere in it. */
  place(head: number): Promise<WindowPlace>;
}

/**
 * Start a client, wait for its windows, and put them side by side.
 *
 * @param screen Where to.
 * @param options Program, address, heads.
 * @throws {Error} With its output when it ends or lacks a window in time.
 */
export async function startDesktopClient(screen: XDisplay, options: DesktopClientOptions): Promise<DesktopClient> {
  const { name, uri, machine, heads, pitch } = options, kind = DESKTOP_CLIENTS[name];
  const wait: WaitOptions = { timeoutMs: 20_000 };
  const process = screen.start(name, kind.args(uri));
  const windows: string[] = [];
  try {
    for (let head = 0; head < heads; head++) {
      const window = await screen.findWindow(kind.title(machine, head));
      const x = head * pitch;
      await screen.run("xdotool", ["windowmove", window, `${x}`, "0"]);
      await waitUntil(`${name}'s window ${head} at its place`, async () => {
        const place = await screen.place(window);
        // The window manager's frame stands there, the content in it.
        return place.x >= x && place.x < x + MOST_FRAME && place.y >= 0 && place.y < MOST_FRAME;
      }, wait);
      windows.push(window);
    }
  } catch (error) {
    throw new Error(`${name} lacks a window:\n${process.output()}`, { cause: error });
  }
  return { process, place: (head) => screen.place(windows[head]!) };
}

/** Pixels of a window manager's frame, at most. */
const MOST_FRAME = 50;
