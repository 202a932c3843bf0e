/** The viewers of a bench: sessions of the library that draw all they get, and tell when a change is there. */
/// <reference lib="deno.worker" />
import { connect, type Session } from "../mod.ts";

/** Come so many, or tell when every viewer has these pixels: index and colour in turn. */
type Order = { readonly uri: string; readonly viewers: number } | { readonly changed: Uint32Array };

const sessions: Session[] = [];
let changed: Uint32Array | null = null;

self.addEventListener("message", async (event: MessageEvent<Order>) => {
  const order = event.data;
  if ("uri" in order) {
    for (let i = 0; i < order.viewers; i++) sessions.push(await connect(order.uri, { onEvent: look }));
    self.postMessage(null);
  } else {
    changed = order.changed;
    look();
  }
});

function look(): void {
  if (changed === null) return;
  for (const { core } of sessions) {
    const pixels = core.displays.get(0)?.surface(0)?.pixels;
    if (pixels === undefined) return;
    for (let i = 0; i < changed.length; i += 2) {
      if (((pixels[changed[i]!]! ^ changed[i + 1]!) & 0xffffff) !== 0) return;
    }
  }
  changed = null;
  self.postMessage(null);
}
