/**
 * How many bytes may be under way to a viewer: twice what the link carries in one round trip, as measured.
 *
 * The ACK window counts messages, whatever their size, so that on a slow link seconds of pictures can lie between a key
 * press and its effect. PING after each burst marks a place in the stream; its PONG tells that all before it has arrived
 * and when. The bandwidth is the fastest delivery lately, the round trip the shortest, so that a queue in the network,
 * which lengthens round trips and does not raise bandwidth, does not make the window grow.
 */
export class ByteWindow {
  #sent = 0;
  #arrived = 0;
  #nextId = 1;
  /** Marks whose PONG has not come, oldest first. */
  readonly #marks: Mark[] = [];
  readonly #rounds = new Recent(Math.min);
  readonly #rates = new Recent(Math.max);

  /** Bytes that may be under way now. */
  get limit(): number {
    const round = this.#rounds.value, rate = this.#rates.value;
    if (round === null || rate === null) return START_BYTES;
    return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, 2 * rate * round));
  }

  /** Bytes sent whose arrival is not known. */
  get underWay(): number {
    return this.#sent - this.#arrived;
  }

  /** True when nothing more should be sent now. */
  get full(): boolean {
    return this.underWay >= this.limit;
  }

  /** Shortest round trip lately, in milliseconds; `null` before the first. */
  get roundTripMs(): number | null {
    return this.#rounds.value;
  }

  /** Bytes were sent. */
  sent(bytes: number): void {
    this.#sent += bytes;
  }

  /**
   * Marks the place after what was sent.
   * @returns The id for PING, or `null` when nothing new was sent since the last mark.
   */
  mark(nowMs: number): number | null {
    if (this.#marks.at(-1)?.sent === this.#sent || this.#arrived === this.#sent) return null;
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 1) >>> 0;
    this.#marks.push({ id, sent: this.#sent, atMs: nowMs, arrivedBefore: this.#arrived });
    return id;
  }

  /**
   * A PONG came. An id that is not waited for, or comes out of order, is passed over.
   * @returns Milliseconds since its mark; `null` when it was passed over.
   */
  pong(id: number, nowMs: number): number | null {
    const index = this.#marks.findIndex((mark) => mark.id === id);
    if (index < 0) return null;
    const mark = this.#marks[index]!;
    this.#marks.splice(0, index + 1);
    const round = Math.max(nowMs - mark.atMs, LEAST_ROUND_MS);
    this.#rounds.add(round, nowMs);
    // What arrived between the sending of the mark and its PONG took at most that long.
    this.#rates.add((mark.sent - mark.arrivedBefore) / round, nowMs);
    this.#arrived = mark.sent;
    return round;
  }
}

interface Mark {
  readonly id: number;
  /** Bytes sent until the mark. */
  readonly sent: number;
  readonly atMs: number;
  /** Bytes known to have arrived when the mark was made. */
  readonly arrivedBefore: number;
}

const START_BYTES = 256 * 1024;
const LEAST_BYTES = 64 * 1024;
const MOST_BYTES = 32 * 1024 * 1024;
const LEAST_ROUND_MS = 0.1;
/** How long a measurement counts. */
const RECENT_MS = 10_000;
/** Most measurements kept; each stands for the best of its part of the time. */
const PARTS = 10;

/** The best of the values of the last ten seconds, kept as the best of each second. */
class Recent {
  readonly #parts: { readonly startMs: number; best: number }[] = [];

  constructor(readonly better: (a: number, b: number) => number) {}

  get value(): number | null {
    if (this.#parts.length === 0) return null;
    return this.#parts.map(({ best }) => best).reduce((a, b) => this.better(a, b));
  }

  add(value: number, nowMs: number): void {
    while (this.#parts.length > 1 && nowMs - this.#parts[0]!.startMs > RECENT_MS) this.#parts.shift();
    const last = this.#parts.at(-1);
    if (last !== undefined && nowMs - last.startMs < RECENT_MS / PARTS) last.best = this.better(last.best, value);
    else this.#parts.push({ startMs: nowMs, best: value });
  }
}
