/**
 * Whether a viewer's link is slow, as its answers to PING show: the bytes under way when it was sent, and how much longer
 * than the shortest the answer took.
 *
 * The link, the viewer's decoder and our own other work all take that time, and only the first is helped by fewer bytes.
 * So a link counts as slow only if all of the last large deliveries were, those with few bytes for their pixels left out;
 * and never with a round trip as on a local network, where it is one of the ends that is slow.
 */
export class LinkSpeed {
  /** Marks whose answer has not come, oldest first. */
  readonly #marks: Mark[] = [];
  /** Of the last deliveries that counted, newest last, bytes a millisecond. */
  readonly #rates: number[] = [];
  #shortestMs = 0;
  #sent: Amount = NOTHING;
  #arrived: Amount = NOTHING;

  /**
   * True below 10 Mbit/s. False while little is known.
   * Source of the bound: spice-server server/main-channel-client.cpp is_low_bandwidth.
   */
  get isSlow(): boolean {
    const known = this.#rates.length >= LEAST_RATES && this.#shortestMs >= LOCAL_MS;
    return known && Math.max(...this.#rates) < SLOW_BYTES_A_MS;
  }

  /** A message was sent. */
  sent(bytes: number, pixels: number): void {
    this.#sent = { bytes: this.#sent.bytes + bytes, pixels: this.#sent.pixels + pixels };
  }

  /** PING was sent behind it. */
  marked(id: number): void {
    this.#marks.push({ id, sent: this.#sent, arrivedBefore: this.#arrived });
  }

  /**
   * The answer to a PING came.
   * @param id Its id. Earlier ones have arrived, too.
   * @param roundMs Milliseconds since it was sent.
   * @param shortestMs The shortest round trip lately.
   */
  arrived(id: number, roundMs: number, shortestMs: number): void {
    const index = this.#marks.findIndex((mark) => mark.id === id);
    if (index < 0) return;
    const { sent, arrivedBefore } = this.#marks[index]!;
    this.#marks.splice(0, index + 1);
    this.#arrived = sent;
    this.#shortestMs = shortestMs;
    const bytes = sent.bytes - arrivedBefore.bytes, pixels = sent.pixels - arrivedBefore.pixels;
    if (bytes < LEAST_BYTES || bytes < pixels * LEAST_BYTES_A_PIXEL) return;
    this.#rates.push(bytes / Math.max(roundMs - shortestMs, LEAST_MS));
    if (this.#rates.length > MOST_RATES) this.#rates.shift();
  }
}

interface Amount {
  readonly bytes: number;
  readonly pixels: number;
}

interface Mark {
  readonly id: number;
  readonly sent: Amount;
  readonly arrivedBefore: Amount;
}

const NOTHING: Amount = { bytes: 0, pixels: 0 };
const SLOW_BYTES_A_MS = 10 * 1024 * 1024 / 8 / 1000;
/** Fewer say more of the round trip than of the link: these take 12 ms at the bound. */
const LEAST_BYTES = 16 * 1024;
/** At the bound, that is a decoder of 5 million pixels a second: every client's is faster. */
const LEAST_BYTES_A_PIXEL = 1 / 4;
/** Clocks and schedulers are not better. */
const LEAST_MS = 1;
/** A shorter round trip is that of a local network. */
const LOCAL_MS = 2;
/** Deliveries that count, and how many it takes. */
const MOST_RATES = 8, LEAST_RATES = 2;
