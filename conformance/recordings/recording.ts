/** One capture that can be made again: which peers, and what they do. */

import type { Capture } from "../capture.ts";
import type { Picture } from "../peers/picture.ts";
import { type SpiceGtk, type SpiceGtkOptions, startSpiceGtk } from "../peers/spice_gtk.ts";
import { startTap, type TapOptions } from "../peers/tap.ts";
import { pause } from "../peers/wait_until.ts";

/** What a recording leaves. */
export interface Recorded {
  /** All that passed. */
  readonly capture: Capture;
  /** What spice-gtk had on its primary surface at the end, or `null` when it was not the client. */
  readonly picture: Picture | null;
}

/** A capture that can be made again. */
export interface Recording {
  /** File name without its ending. */
  readonly name: string;
  /** Make it. */
  record(): Promise<Recorded>;
}

/**
 * Record a session of spice-gtk.
 *
 * @param uri The server.
 * @param drive What happens in it, after the first picture.
 * @param options Ticket and properties of spice-gtk; where to connect is known. `tcp` for a port instead of a unix
 *   socket, on which libspice would not measure the bandwidth with 250 kB of zeros; `without` for what the recorder
 *   takes out of link messages.
 * @returns All that passed, and the picture at the end.
 */
export async function recordSpiceGtk(
  uri: string,
  drive: (gtk: SpiceGtk) => Promise<void>,
  options: Omit<SpiceGtkOptions, "port" | "socketPath"> & Pick<TapOptions, "without"> & { readonly tcp?: boolean } = {},
): Promise<Recorded> {
  const { tcp = false, without = [], ...others } = options;
  await using tap = await startTap(uri, { unix: !tcp, without });
  const address = new URL(tap.uri);
  let picture: Picture;
  {
    await using gtk = await startSpiceGtk({
      ...(tcp ? { port: Number(address.port) } : { socketPath: address.pathname }),
      ...others,
    });
    await drive(gtk);
    picture = await stillPicture(gtk);
    await gtk.rpc.execute("quit").catch(() => {});
  }
  return { capture: await tap.finish(), picture };
}

/** The picture once it has not changed for a while. */
async function stillPicture(gtk: SpiceGtk): Promise<Picture> {
  for (let before = await gtk.shot();;) {
    await pause(300);
    const now = await gtk.shot();
    if (now.width === before.width && now.pixels.every((pixel, i) => pixel === before.pixels[i])) return now;
    before = now;
  }
}
