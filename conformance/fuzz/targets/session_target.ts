/** Whole sessions: what a hostile or broken server may say on all channels at once. */
import { deflateSync } from "node:zlib";
import { encodeGlz, GlzDictionary } from "../../../codecs/glz.ts";
import { encodeJpeg } from "../../../codecs/jpeg.ts";
import { encodeJpegAlpha } from "../../../codecs/jpeg_alpha.ts";
import { encodeLz, LzType } from "../../../codecs/lz.ts";
import { encodeLz4 } from "../../../codecs/lz4.ts";
import { encodeQuic, QuicType } from "../../../codecs/quic.ts";
import {
  DisplayCopyBits,
  DisplayDrawBlackness,
  DisplayDrawCopy,
  DisplayDrawFill,
} from "../../../protocol/messages/draw.ts";
import { DisplayInvalList, DisplaySurfaceCreate, DisplaySurfaceDestroy } from "../../../protocol/messages/display.ts";
import { Framer } from "../../../protocol/channel/framing.ts";
import { SetAck, WaitForChannels } from "../../../protocol/messages/base.ts";
import { CursorSet } from "../../../protocol/messages/cursor.ts";
import { channels } from "../../../protocol/messages/channels.ts";
import { JpegAlphaFlags } from "../../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../../protocol/messages/image.ts";
import { SpiceLinkReply } from "../../../protocol/messages/link.ts";
import { MainChannelsList, MainInit } from "../../../protocol/messages/main.ts";
import { arbitrary } from "../../../protocol/schema/arbitrary.ts";
import { concat, encode, encodeBytes } from "../../../protocol/schema/encode.ts";
import type { Message } from "../../../protocol/schema/message.ts";
import { below, nextU32, type Prng } from "../../../protocol/schema/prng.ts";
import { decodeJob, SessionCore, type SessionEvent } from "../../../mod.ts";
import type { Corpus } from "../corpus.ts";
import { mutate, randomBytes } from "../mutate.ts";
import { sameOutcome } from "../oracles.ts";
import { SMALL_LIMITS, type Target, Violation } from "../target.ts";
import { lzStream } from "./codec_targets.ts";

const CHANNELS = [channels.main, channels.display, channels.display, channels.cursor, channels.inputs];

/** Records that are no bytes of a channel. */
const TICK = 0xf0, ENDED = 0xf1;

/**
 * A session. The first byte of an input has options: bit 0 full headers, bit 1 compare with another split, bit 2 images of
 * slow codecs are decoded elsewhere. Then come
 * records of u8 channel type, u8 channel id, u16 length and as many bytes.
 */
export const sessions: Target = {
  name: "session",
  weight: 12,
  // A region may have a box for every second pixel, and grows by doubling.
  largestBytes: (bytes) => 16 * SMALL_LIMITS.pixels + 4 * bytes,
  totalBytes: (bytes) => 64 * 1024 * 1024 + 16 * 1024 * bytes,
  generate: (random, corpus) => {
    const options = below(random, 8), script = new ServerScript(random, corpus, (options & 1) === 0);
    script.begin();
    for (let left = below(random, 40); left > 0; left--) script.say();
    const bytes = script.bytes();
    return concat([Uint8Array.of(options), below(random, 3) === 0 ? mutate(bytes, random) : bytes]);
  },
  run: (input) => {
    const options = input[0] ?? 0, miniHeader = (options & 1) === 0, elsewhere = (options & 4) !== 0;
    const outcome = (step: number) => nothingThrown(() => play(input.subarray(1), { miniHeader, elsewhere, step }));
    const whole = outcome(Infinity);
    if ((options & 2) !== 0) sameOutcome("a session in another split", outcome(7), whole);
    return whole.split("\n")[0]!;
  },
};

/** Says what a server might. */
class ServerScript {
  readonly #records: Uint8Array[] = [];
  readonly #framers = new Map<string, Framer>();
  /** Of both displays, as large as the client offers. */
  readonly #glz = new GlzDictionary(SMALL_LIMITS.glzWindowPixels);

  constructor(readonly random: Prng, readonly corpus: Corpus, readonly mini: boolean) {}

  bytes(): Uint8Array {
    return concat(this.#records);
  }

  /** Links, and what every server says first. */
  begin(): void {
    const { random } = this;
    this.#link(1, 0);
    this.#message(1, 0, MainInit, { ...arbitrary(MainInit.wire, random), sessionId: 5 });
    const offered = [[2, 0], [2, 1], [4, 0], [3, 0], [below(random, 14), 0]].map(([type, id]) => ({
      type: type!,
      id: id!,
    }));
    this.#message(1, 0, MainChannelsList, { channels: offered });
    for (const { type, id } of offered) this.#link(type, id);
    for (const id of [0, 1]) this.#createSurface(id, 0);
    // Once something is unsupported, what is missed is no fault of the server: such sessions live longer.
    if (below(random, 4) > 0) this.#body(2, 0, DisplayDrawBlackness.id, encodeBytes(DisplayDrawBlackness.wire, BLACK));
  }

  /** Any next thing. */
  say(): void {
    const { random } = this, id = below(random, 2), image = () => this.#image();
    const box = () => this.#rect(),
      base = () => ({ ...arbitrary(DisplayDrawFill.wire, random).base, ...this.#place() });
    switch (below(random, 16)) {
      case 0:
        return this.#createSurface(id, below(random, 8));
      case 1:
        return this.#message(2, id, DisplaySurfaceDestroy, { surfaceId: below(random, 8) });
      case 2:
      case 3:
        return this.#message(2, id, DisplayDrawFill, { ...arbitrary(DisplayDrawFill.wire, random), base: base() });
      case 4:
      case 5:
      case 6:
      case 7: {
        const { data } = arbitrary(DisplayDrawCopy.wire, random), mask = { ...data.mask, bitmap: null };
        const copy = { ...data, srcBitmap: image(), srcArea: box(), mask: below(random, 5) === 0 ? data.mask : mask };
        return this.#message(2, id, DisplayDrawCopy, { base: base(), data: copy });
      }
      case 8:
        return this.#message(2, id, DisplayCopyBits, { base: base(), srcPos: { x: this.#near(), y: this.#near() } });
      case 9: {
        const resources = [{ type: 1, id: BigInt(below(random, 6)) }];
        return this.#message(2, id, DisplayInvalList, { resources });
      }
      case 10: {
        const set = arbitrary(CursorSet.wire, random), header = set.cursor.header;
        const small = header === null ? null : { ...header, unique: BigInt(below(random, 6)), width: 5, height: 4 };
        const cursor = { ...set.cursor, header: small, data: randomBytes(random, below(random, 1200)) };
        return this.#message(4, 0, CursorSet, { ...set, cursor });
      }
      case 11: {
        const channel = CHANNELS[below(random, CHANNELS.length)]!;
        const wait = { channelType: channel.type, channelId: id, messageSerial: BigInt(below(random, 30)) };
        return this.#message(2, id, WaitForChannels, { waitList: [wait] });
      }
      case 12:
        return this.#message(2, id, SetAck, { generation: 1, window: below(random, 5) });
      case 13:
        return this.#record(below(random, 2) === 0 ? TICK : ENDED, below(random, 7), new Uint8Array(0));
      case 14: {
        const seed = this.corpus.messages[below(random, this.corpus.messages.length)]!;
        return this.#body(seed.channel.type, id, seed.declaration.id, mutate(seed.body, random));
      }
      default: {
        const channel = CHANNELS[below(random, CHANNELS.length)]!;
        const message: Message = channel.server[below(random, channel.server.length)]!;
        const body = encodeBytes<unknown>(message.wire, arbitrary<unknown>(message.wire, random));
        return this.#body(channel.type, id, message.id, below(random, 2) === 0 ? body : mutate(body, random));
      }
    }
  }

  #createSurface(id: number, surfaceId: number): void {
    const { random } = this, format = [32, 32, 96, 16, 8, 1][below(random, 6)]!;
    const width = 1 + below(random, 60), height = 1 + below(random, 40);
    this.#message(2, id, DisplaySurfaceCreate, { surfaceId, width, height, format, flags: surfaceId === 0 ? 1 : 0 });
  }

  #image(): SpiceImage {
    const { random } = this, made = arbitrary(DisplayDrawCopy.wire, random).data.srcBitmap;
    const kept = { id: BigInt(below(random, 6)), flags: below(random, 8) };
    const data = lzStream(random);
    const size = new DataView(concat([data, new Uint8Array(28)]).buffer);
    const asSaid = { width: size.getUint32(12), height: size.getUint32(16) };
    switch (below(random, 10)) {
      case 0:
        return { ...kept, ...asSaid, body: { is: "LZ_RGB", value: { data } } };
      case 1: {
        const palette = { is: "otherwise", value: { unique: kept.id, ents: [1, 2, 3, 4, 5, 6, 7, 8] } } as const;
        return { ...kept, ...asSaid, body: { is: "LZ_PLT", value: { flags: below(random, 8), palette, data } } };
      }
      case 2:
        return {
          ...kept,
          width: 1,
          height: 1,
          body: { is: below(random, 2) === 0 ? "FROM_CACHE" : "FROM_CACHE_LOSSLESS", value: null },
        };
      case 3:
        return { ...kept, width: 1, height: 1, body: { is: "SURFACE", value: { surfaceId: below(random, 8) } } };
      case 4: {
        const x = 1 + below(random, 30), y = 1 + below(random, 20), stride = 4 * x;
        const palette = { is: "otherwise", value: null } as const, bytes = randomBytes(random, stride * y);
        const value = { format: 6 + below(random, 5), flags: below(random, 8), x, y, stride, palette, data: bytes };
        return { ...kept, width: x, height: y, body: { is: "BITMAP", value } };
      }
      case 5:
      case 6:
      case 7:
      case 8:
        return { ...kept, ...this.#coded() };
      default:
        return made === null
          ? { ...kept, width: 1, height: 1, body: { is: "FROM_CACHE", value: null } }
          : { ...made, ...kept };
    }
  }

  /** What an encoder made, now and then spoilt; GLZ may get lost on its way. */
  #coded(): Omit<SpiceImage, "id" | "flags"> {
    const { random } = this, width = 1 + below(random, 30), height = 1 + below(random, 20), size = { width, height };
    const colours = Uint32Array.from({ length: 1 + below(random, 5) }, () => nextU32(random)),
      run = 1 + below(random, 9);
    const pixels = Uint32Array.from(
      { length: width * height },
      (_, i) => colours[Math.floor(i / run) % colours.length]!,
    );
    const kept = (bytes: Uint8Array) => below(random, 5) === 0 ? mutate(bytes, random) : bytes;
    const glz = () => encodeGlz({ ...size, type: LzType.RGB32, pixels }, this.#glz);
    if (below(random, 20) === 0) glz();
    switch (below(random, 7)) {
      case 0:
        return {
          ...size,
          body: { is: "QUIC", value: { data: kept(encodeQuic(pixels, width, height, QuicType.RGB32)) } },
        };
      case 1:
      case 2:
        return { ...size, body: { is: "GLZ_RGB", value: { data: kept(glz()) } } };
      case 3: {
        const stream = kept(glz()), data = kept(Uint8Array.from(deflateSync(stream)));
        return { ...size, body: { is: "ZLIB_GLZ_RGB", value: { glzDataSize: stream.length, data } } };
      }
      case 4:
        return { ...size, body: { is: "LZ4", value: { data: kept(encodeLz4(pixels, width, height)) } } };
      case 5:
        return { ...size, body: { is: "JPEG", value: { data: kept(encodeJpeg(pixels, width, height)) } } };
      default: {
        const { bytes, jpegBytes: jpegSize } = encodeJpegAlpha(pixels, width, height, {
          encodeXxxa: (pixels, width, height, topDown) =>
            encodeLz({ type: LzType.XXXA, width, height, pixels, topDown }),
        });
        const value = { flags: below(random, 10) === 0 ? 0 : JpegAlphaFlags.TOP_DOWN, jpegSize, data: kept(bytes) };
        return { ...size, body: { is: "JPEG_ALPHA", value } };
      }
    }
  }

  #place() {
    const surfaceId = [0, 0, 0, 1, 2, 7][below(this.random, 6)]!;
    return { surfaceId, box: this.#rect(), ...(below(this.random, 3) === 0 ? {} : { clip: NO_CLIP }) };
  }

  #rect() {
    const left = this.#near(), top = this.#near();
    return { left, top, right: left + below(this.random, 50), bottom: top + below(this.random, 40) };
  }

  #near(): number {
    return below(this.random, 40) - 8;
  }

  #link(type: number, id: number): void {
    const caps = { common: [this.mini ? 0b1011 : 0b11], channel: [0xffffffff] };
    const reply = encodeBytes(SpiceLinkReply, { error: 0, pubKey: new Uint8Array(162), caps });
    const header = Uint8Array.of(0x52, 0x45, 0x44, 0x51, 2, 0, 0, 0, 2, 0, 0, 0, reply.length, 0, 0, 0);
    this.#record(type, id, concat([header, reply, new Uint8Array(4)]));
  }

  #message<T>(type: number, id: number, { id: message, wire }: Message<string, T>, value: T): void {
    this.#body(type, id, message, concat(encode(wire, value)));
  }

  #body(type: number, id: number, message: number, body: Uint8Array): void {
    const key = `${type}:${id}`, framer = this.#framers.get(key) ?? new Framer(this.mini ? "mini" : "full");
    this.#framers.set(key, framer);
    this.#record(type, id, concat(framer.frame(message, [body])));
  }

  #record(type: number, id: number, bytes: Uint8Array): void {
    this.#records.push(Uint8Array.of(type, id, bytes.length & 255, bytes.length >> 8), bytes);
  }
}

const NO_CLIP = { shape: { is: "NONE", value: null } } as const;
const BLACK = arbitrary(DisplayDrawBlackness.wire, 1);

/** A session tells of errors by its events: it throws none, not even ours. */
function nothingThrown(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Violation || !(error instanceof Error)) throw error;
    throw new Violation(`The session threw ${error.name}: ${error.message}`, { cause: error });
  }
}

interface HowToPlay {
  readonly miniHeader: boolean;
  readonly elsewhere: boolean;
  /** Bytes that come at once. */
  readonly step: number;
}

/** First line: how the session ended; then what it told. */
function play(records: Uint8Array, { miniHeader, elsewhere, step }: HowToPlay): string {
  const options = { limits: SMALL_LIMITS, miniHeader, ...(elsewhere ? { decodeElsewhere: 1 } : {}) };
  const core = new SessionCore(options), opened = new Set<string>();
  const told: string[] = [];
  let nowMs = 0, end: string | null = null;
  /** What takes a driver time: it is done after a record, so that it comes at the same moment in every split. */
  const later: (() => void)[] = [];
  const listen = (): void => {
    for (let output = core.poll(); output !== undefined; output = core.poll()) {
      if (output.do === "open") {
        const { channel } = output;
        opened.add(`${channel.type}:${channel.id}`);
        later.push(() => core.opened(channel, nowMs));
      } else if (output.do === "ask") {
        const { id } = output;
        later.push(() => core.answer(id, { kind: "encrypt-ticket", encrypted: new Uint8Array(128) }, nowMs));
      } else if (output.do === "decode") {
        const { id } = output, result = decodeJob(output);
        later.push(() => core.decoded(id, result, nowMs));
      } else if (output.do === "emit") {
        if (end !== null) throw new Violation(`${output.event.type} after the end`);
        if (output.event.type === "closed") end = endOf(output.event);
        told.push(output.event.type);
      } else told.push(output.do);
    }
  };
  const settle = (): void => {
    listen();
    for (let next = later.shift(); next !== undefined; next = later.shift()) {
      next();
      listen();
    }
  };
  core.start(nowMs);
  settle();
  for (let at = 0; at + 4 <= records.length;) {
    const type = records[at]!, id = records[at + 1]!, length = records[at + 2]! | records[at + 3]! << 8;
    const bytes = records.subarray(at + 4, at + 4 + length);
    at += 4 + bytes.length;
    if (type === TICK) core.tick(nowMs += 1000 * id);
    else if (type === ENDED) core.ended({ type: id, id: 0 }, null, nowMs);
    else if (opened.has(`${type}:${id}`)) {
      for (let from = 0; from < bytes.length; from += step) {
        core.receive({ type, id }, bytes.subarray(from, from + step), nowMs);
        listen();
      }
    }
    settle();
  }
  holds(core);
  return `${end ?? "value"}\n${told}`;
}

function endOf({ error }: Extract<SessionEvent, { type: "closed" }>): string {
  if (error === null) throw new Violation("the session ended without a reason");
  if (error.by !== "remote") throw new Violation(`We are to blame: ${error.message}`, { cause: error });
  return error.code;
}

/** What must hold of a session's state. */
function holds(core: SessionCore): void {
  let pixels = 0;
  for (const display of core.displays.values()) {
    let surfaces = 0;
    for (let id = 0; id < 8; id++) {
      const surface = display.surface(id);
      if (surface === undefined) continue;
      surfaces++;
      pixels += surface.pixels.length;
    }
    if (surfaces > SMALL_LIMITS.surfaces) throw new Violation(`${surfaces} surfaces`);
  }
  if (pixels > SMALL_LIMITS.totalPixels) throw new Violation(`${pixels} pixels of surfaces`);
}
