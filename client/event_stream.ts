/** Events for many listeners: callbacks, promises and async iteration. */
import { uniteRects } from "../canvas/rect.ts";
import type { SessionEvent } from "./core/events.ts";

/** Hands each event to all who listen, in order. */
export class EventStream {
  readonly #listeners = new Set<(event: SessionEvent) => void>();

  /** Tells an event. */
  emit(event: SessionEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** @returns A function that ends the listening. */
  listen(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Events from now on until the session is over. Draw events that a slow reader has not fetched are joined, so that
   * the queue of a reader that never comes stays short.
   */
  async *iterate(): AsyncGenerator<SessionEvent, void, void> {
    const queue: SessionEvent[] = [];
    let wake = () => {};
    const stop = this.listen((event) => {
      const last = queue.at(-1);
      const joins = event.type === "draw" && last?.type === "draw" && last.display === event.display &&
        last.surfaceId === event.surfaceId;
      if (joins) queue[queue.length - 1] = { ...event, area: uniteRects(last.area, event.area) };
      else queue.push(event);
      wake();
    });
    try {
      while (true) {
        const event = queue.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => wake = resolve);
          continue;
        }
        yield event;
        if (event.type === "closed") return;
      }
    } finally {
      stop();
    }
  }
}
