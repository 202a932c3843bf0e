/** Codecs that a server may use with some clients alone. */
import { DisplayCap, hasCap } from "../../protocol/capabilities.ts";
import type { ClientScreen } from "./client_screen.ts";
import { lacks } from "./verdict.ts";

/**
 * Goes on where a server may send LZ4. Source: spice-server dcc.cpp dcc_compress_image (test_remote_cap).
 * @throws {Finding} `unimplemented`: the client does not say that it decodes it.
 */
export function needsLz4({ talk }: ClientScreen): void {
  if (!hasCap(talk.options.channelCaps, DisplayCap.LZ4_COMPRESSION)) lacks("it has no LZ4_COMPRESSION");
}

/**
 * Goes on where a server may send GLZ. Source: spice-server image-encoders.cpp image_encoders_compress_glz, which sends
 * no image that fills the window.
 * @throws {Finding} `unimplemented`: the client offers no window for it.
 */
export async function needsGlz({ peer }: ClientScreen): Promise<void> {
  const { displayInit } = await peer.arrival("display");
  if (displayInit?.glzDictionaryWindowSize === 0) lacks("its window for GLZ is of 0 pixels");
}
