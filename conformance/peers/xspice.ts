/** Xspice: an X server whose screen is a SPICE server. Real X programs draw on it with every operation it knows. */

import { freePort } from "./free_port.ts";
import { makeTempDir } from "./temp_dir.ts";
import { startXDisplay, type XDisplay } from "./x_display.ts";

/** How the X server is started. */
export interface XspiceOptions {
  /** Driver options, over the ones that keep it from crashing; as `{ SpiceImageCompression: "off" }`. */
  readonly driver?: Readonly<Record<string, string>>;
  /** Ticket clients must know; without one they need none. */
  readonly ticket?: string;
  /** Keyboard layout, as `us` (the default) or `fr`. */
  readonly layout?: string;
  /** Start openbox, so that windows have frames and can be dragged. */
  readonly windowManager?: boolean;
  /** Time limit of the start in milliseconds, 20000 by default. */
  readonly timeoutMs?: number;
}

/** A running X server, its screen of 1024×768 and its programs. Disposing ends all. */
export interface Xspice extends XDisplay {
  /** `spice://127.0.0.1:PORT`. */
  readonly uri: string;
  /** SPICE port. */
  readonly port: number;
}

/**
 * Start Xspice with one head of 1024×768.
 *
 * What SPICE sends can have the pointer in it, which a screendump lacks: the driver leaves two-colour pointers, such as
 * xterm's, to X, which draws them. Move it off before comparing.
 *
 * @param options Driver options, ticket, layout, window manager.
 * @returns The server. Own it with `await using`.
 * @throws {Error} With its output when it ends or is not ready in time.
 */
export async function startXspice(options: XspiceOptions = {}): Promise<Xspice> {
  // Between freePort() and the server's bind another process can take the port: then try the next.
  for (let tries = 1;; tries++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (tries === 3 || !/bind|in use/i.test(String(error))) throw error;
    }
  }
}

async function startOnce(options: XspiceOptions): Promise<Xspice> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("xspice"));
  const port = freePort();
  await Deno.writeTextFile(`${dir.path}/xorg.conf`, xorgConfig(options, port));
  const args = ["-config", `${dir.path}/xorg.conf`, "-logfile", `${dir.path}/log`, "-noreset", "-nolisten", "tcp"];
  const { timeoutMs = 20_000 } = options;
  const display = stack.use(await startXDisplay("/usr/lib/xorg/Xorg", args, { timeoutMs }));
  await display.setLayout(options.layout ?? "us");
  // No screen saver: it would blank the picture of a long test.
  await display.run("xset", ["s", "off", "-dpms"]);
  if (options.windowManager) await display.startWindowManager();
  const owned = stack.move();
  const uri = `spice://127.0.0.1:${port}`;
  return { ...display, uri, port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function xorgConfig(options: XspiceOptions, port: number): string {
  const driver = {
    SpicePort: `${port}`,
    SpiceAddr: "127.0.0.1",
    ...(options.ticket === undefined ? { SpiceDisableTicketing: "True" } : { SpicePassword: options.ticket }),
    NumHeads: "1",
    EnableImageCache: "True",
    EnableFallbackCache: "True",
    EnableSurfaces: "True",
    // With other sizes the driver crashes.
    SurfaceBufferSize: "128",
    CommandBufferSize: "128",
    FrameBufferSize: "16",
    ...options.driver,
  };
  const lines = Object.entries(driver).map(([name, value]) => `  Option "${name}" "${value}"`);
  return `Section "Device"
  Identifier "device"
  Driver "spiceqxl"
${lines.join("\n")}
EndSection
Section "InputDevice"
  Identifier "pointer"
  Driver "xspice pointer"
EndSection
Section "InputDevice"
  Identifier "keyboard"
  Driver "xspice keyboard"
EndSection
Section "Monitor"
  Identifier "monitor"
EndSection
Section "Screen"
  Identifier "screen"
  Monitor "monitor"
  Device "device"
  DefaultDepth 24
EndSection
Section "ServerLayout"
  Identifier "layout"
  Screen "screen"
  InputDevice "keyboard"
  InputDevice "pointer"
EndSection
Section "ServerFlags"
  Option "AutoAddDevices" "False"
EndSection
`;
}
