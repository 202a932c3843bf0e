/**
 * A display channel of a viewer: one head, drawn from the server's own picture of it.
 *
 * Nothing waits here but a region, "what this viewer lacks", and the moves that can go out at once. When the socket, the
 * ACK window and the byte window let more through, a part of the region is taken from the head's picture as it is then,
 * encoded and sent. A viewer that lags gets the newest state. What was sent with a loss waits in a second region, and goes
 * out without one when nothing else is lacking and it has rested.
 *
 * A large part is encoded elsewhere. Until it comes back nothing else is sent that has to do with pixels: what changes
 * meanwhile is lacking, moves included, and goes out behind it. So the viewer's pixels are right, or lacking, or under way.
 */
import type { Rect } from "../../canvas/rect.ts";
import { rectOfSize } from "../../canvas/rect.ts";
import { DisplayCap, hasCap } from "../../protocol/capabilities.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import {
  type display,
  DisplayMark,
  DisplayMonitorsConfig,
  DisplaySurfaceCreate,
  DisplaySurfaceDestroy,
} from "../../protocol/messages/display.ts";
import { DisplayCopyBits } from "../../protocol/messages/draw.ts";
import { SurfaceFlags, SurfaceFmt } from "../../protocol/messages/enums.ts";
import type { MessageOf } from "../../protocol/schema/message.ts";
import { ByteWindow } from "./byte_window.ts";
import { DirtyRegion } from "./dirty_region.ts";
import type { EncodedArea } from "./encode_area.ts";
import type { EncodeJobs, Encoding } from "./encode_jobs.ts";
import {
  type Coding,
  codingFor,
  type PictureCompression,
  preferredCompression,
  type SlowLinkChoice,
} from "./image_compression.ts";
import { LinkSpeed } from "./link_speed.ts";
import { MessageSize } from "./message_size.ts";
import type { HeadState } from "./machine_state.ts";
import type { Handler, Port, Received } from "./port.ts";
import type { Change, Screen } from "./screen.ts";
import type { SharedGlz } from "./shared_glz.ts";

/** What a display channel needs to know beside its head. */
export interface DisplayContext {
  /** Unless the viewer prefers another one. */
  readonly compression: PictureCompression;
  readonly jpeg: SlowLinkChoice;
  readonly zlibGlz: SlowLinkChoice;
  /** Of the viewer's session. */
  readonly glz: SharedGlz;
  /** Whether no other viewer is there. */
  readonly alone: () => boolean;
  /** Where large pictures are encoded. */
  readonly jobs: EncodeJobs;
}

/** Messages after which a viewer acknowledges. Source: spice-server server/dcc.h NARROW_CLIENT_ACK_WINDOW. */
const ACK_WINDOW = 20;

/** Pixels of the first message: all of most heads, since spicy-screenshot takes its picture after one drawing message. */
const FIRST_PIXELS = 4 * 1024 * 1024;

/** How much larger than its own messages may be what a viewer is sent because it is encoded already. */
const SHARED_IS_WORTH = 4;

/** The part of it that the viewer must lack. */
const LEAST_LACKED = 0.8;

/** A head as a viewer has it. */
interface Shown {
  readonly screen: Screen;
  readonly lacks: DirtyRegion;
  /** What it has, but with a loss. */
  readonly lossy: DirtyRegion;
  marked: boolean;
}

/** The surface that is shown. */
const PRIMARY = 0;

/** What the messages before the first picture come to, about. */
const SMALL_BYTES = 64;

/** How long nothing may have been sent with a loss before what was is sent again without: frames of a film come sooner. */
const REST_MS = 500;

/** Sends one head. Source for the order at the start: spice-server server/dcc.cpp dcc_start. */
export class DisplayChannel implements Handler {
  readonly #bytes = new ByteWindow();
  readonly #size = new MessageSize();
  readonly #link = new LinkSpeed();
  #compression: PictureCompression;
  /** When something was last sent with a loss. */
  #lossyMs = 0;
  #started = false;
  /** A viewer says what it prefers right behind its INIT, if at all: the first picture waits for that. */
  #awaitsPreference = false;
  /** The picture that the viewer has been told to make, and what it lacks of it. */
  #shown: Shown | null = null;
  /** What is not lacking any more, and not sent yet. */
  #underWay: Encoding | null = null;
  /** Whether there was no room for its area. */
  #waits = false;

  /** Made when the channel has linked. */
  constructor(readonly port: Port, readonly head: HeadState, readonly context: DisplayContext) {
    this.#compression = context.compression;
  }

  /** When to ask it again because something will have rested; `null` when nothing was sent with a loss. */
  get restMs(): number | null {
    return this.#shown === null || this.#shown.lossy.isEmpty ? null : this.#lossyMs + REST_MS;
  }

  /** Pixels that the viewer lacks, at most. */
  get lackedPixels(): number {
    return this.#shown?.lacks.pixels ?? 0;
  }

  /** Shortest round trip lately, milliseconds. */
  get roundTripMs(): number | null {
    return this.#bytes.roundTripMs;
  }

  /** The head appeared, changed its size, or went away. */
  headChanged(): void {
    if (this.#started) this.#show();
  }

  /** The head's picture changed; it has changed already. */
  changed(change: Change): void {
    const shown = this.#shown;
    if (shown === null) return;
    if (change.kind === "damage") return shown.lacks.add(change.area);
    if (this.#full || this.#underWay !== null) return shown.lacks.add(change.area);
    this.#send(() => this.port.send(DisplayCopyBits, { base: base(change.area), srcPos: change.from }));
    shown.lacks.addMoved(change.area, change.from);
    shown.lossy.addMoved(change.area, change.from);
  }

  handle(received: Received, nowMs: number): void {
    // The channel's declaration pairs each name with the type of its value.
    const message = received as MessageOf<typeof display.client>;
    switch (message.name) {
      case "DISPLAY_INIT":
        if (this.#started) {
          const detail = "it came before";
          throw new ProtocolError({ code: "unexpected", action: "handle", message: message.name, detail });
        }
        this.#started = true;
        this.context.glz.offer(message.value.glzDictionaryWindowSize);
        this.port.startAcks(ACK_WINDOW);
        this.#show();
        this.#awaitsPreference = true;
        return this.#measureRound(nowMs);
      case "DISPLAY_PREFERRED_COMPRESSION":
        this.#compression = preferredCompression(message.value.imageCompression) ?? this.#compression;
        this.#awaitsPreference = false;
        // What is sent from now on is as it wants it.
        if (this.#underWay !== null) this.#shown?.lacks.add(this.#underWay.area);
        return this.#forgetUnderWay();
      default:
        // Reports of streams that were never made.
        return;
    }
  }

  pong(id: number, nowMs: number): void {
    const roundMs = this.#bytes.pong(id, nowMs);
    if (roundMs === null) return;
    // What it said right behind its INIT would have come before this.
    this.#awaitsPreference = false;
    this.#size.arrived(id, roundMs, this.#bytes.roundTripMs!);
    this.#link.arrived(id, roundMs, this.#bytes.roundTripMs!);
  }

  pull(nowMs: number): boolean {
    const shown = this.#shown;
    if (shown === null || this.#full || this.#awaitsPreference || this.#underWay !== null) return false;
    if (this.#waits && !this.context.jobs.hasRoom) return false;
    this.#waits = false;
    const most = this.#size.pixels;
    // A picture that is not whole waits for its rest, unless there is a message's worth of it already.
    if (shown.screen.isPartial && shown.lacks.pixels < most) return false;
    const coding = this.#coding();
    const area = shown.marked
      ? this.#takeEncoded(shown, most, coding) ?? shown.lacks.take(most)
      : shown.lacks.take(FIRST_PIXELS);
    if (area !== null) return this.#sendArea(shown, area, coding, shown.lacks, nowMs);
    if (!shown.marked) {
      shown.marked = true;
      this.port.send(DisplayMark, {});
      return true;
    }
    return this.#heal(shown, most, coding, nowMs);
  }

  end(): void {
    this.#forgetUnderWay();
    this.context.jobs.leave(this.#pullAgain);
    this.#shown = null;
  }

  #coding(): Coding {
    const { jpeg, zlibGlz, glz, alone } = this.context;
    return codingFor({
      compression: this.#compression,
      alone: alone(),
      slowLink: this.#link.isSlow,
      glz: glz.offered,
      lz4: hasCap(this.port.peer.channelCaps, DisplayCap.LZ4_COMPRESSION),
      jpeg,
      zlibGlz,
    });
  }

  /**
   * Sends an area, or has it encoded first.
   * @param from The region that it was taken from; it is put back when it has to wait for its turn.
   * @returns Whether it was not.
   */
  #sendArea(shown: Shown, area: Rect, coding: Coding, from: DirtyRegion, nowMs: number): boolean {
    const { jobs, glz } = this.context, dictionary = coding.drawings === "glz" ? glz.dictionary : null;
    const encoded = shown.screen.request(area, coding, dictionary, { jobs, head: this.port.id });
    if (encoded === null) {
      from.add(area);
      this.#waits = true;
      jobs.wait(this.#pullAgain);
      return false;
    }
    if ("message" in encoded) this.#sendEncoded(shown, area, encoded, nowMs);
    else {
      this.#underWay = encoded;
      encoded.wait(this.#sendUnderWay);
    }
    return true;
  }

  /** There is room among the jobs. */
  readonly #pullAgain = (nowMs: number): void => void this.pull(nowMs);

  readonly #sendUnderWay = (encoded: EncodedArea, nowMs: number): void => {
    const { area } = this.#underWay!;
    this.#underWay = null;
    this.#sendEncoded(this.#shown!, area, encoded, nowMs);
  };

  #forgetUnderWay(): void {
    this.#underWay?.leave(this.#sendUnderWay);
    this.#underWay = null;
  }

  #sendEncoded({ lossy }: Shown, area: Rect, encoded: EncodedArea, nowMs: number): void {
    if (encoded.lossy) {
      lossy.add(area);
      this.#lossyMs = nowMs;
    } else lossy.subtract(area);
    this.#link.sent(this.#send(() => this.#sendMessage(encoded)), areaOf(area));
    const id = this.#bytes.mark(nowMs);
    if (id === null) return;
    this.#size.sent(id, areaOf(area));
    this.#link.marked(id);
    this.port.ping(id);
  }

  #sendMessage(encoded: EncodedArea): number {
    return encoded.message.name === "DISPLAY_DRAW_FILL"
      ? this.port.send(encoded.message, encoded.value)
      : this.port.send(encoded.message, encoded.value);
  }

  /** Sends the very pixels of what has rested. */
  #heal(shown: Shown, most: number, coding: Coding, nowMs: number): boolean {
    if (nowMs < this.#lossyMs + REST_MS) return false;
    const area = shown.lossy.take(most);
    if (area === null) return false;
    const lossless = coding.photos === "jpeg" ? { ...coding, photos: "quic" as const } : coding;
    return this.#sendArea(shown, area, lossless, shown.lossy, nowMs);
  }

  /** What another viewer has been sent already, if this one lacks most of it, too: nobody need encode it again. */
  #takeEncoded({ screen, lacks }: Shown, most: number, coding: Coding): Rect | null {
    if (lacks.isEmpty) return null;
    const area = screen.encodedAreas(coding).find((area) => {
      const pixels = areaOf(area);
      return pixels <= most * SHARED_IS_WORTH && lacks.pixelsIn(area) >= pixels * LEAST_LACKED;
    });
    if (area === undefined) return null;
    const before = lacks.pixels;
    lacks.subtract(area);
    // A hole in what is lacking cannot be noted, and what takes nothing away would be sent for ever.
    return lacks.pixels < before ? area : null;
  }

  /** Before anything large is under way: how long a round trip is at least. */
  #measureRound(nowMs: number): void {
    this.#bytes.sent(SMALL_BYTES);
    const id = this.#bytes.mark(nowMs);
    if (id !== null) this.port.ping(id);
  }

  get #full(): boolean {
    return this.port.ackFull || this.#bytes.full;
  }

  /** @returns Bytes sent. */
  #send(send: () => number): number {
    const bytes = send();
    this.#bytes.sent(bytes);
    return bytes;
  }

  #show(): void {
    const { screen } = this.head;
    this.#forgetUnderWay();
    if (this.#shown !== null) this.port.send(DisplaySurfaceDestroy, { surfaceId: PRIMARY });
    this.#shown = null;
    if (screen === null) return;
    const { width, height } = screen.surface;
    this.port.send(DisplaySurfaceCreate, {
      surfaceId: PRIMARY,
      width,
      height,
      format: SurfaceFmt["32_xRGB"],
      flags: SurfaceFlags.PRIMARY,
    });
    if (hasCap(this.port.peer.channelCaps, DisplayCap.MONITORS_CONFIG)) {
      const heads = [{ monitorId: 0, surfaceId: PRIMARY, width, height, x: 0, y: 0, flags: 0 }];
      this.port.send(DisplayMonitorsConfig, { maxAllowed: 1, heads });
    }
    const lacks = new DirtyRegion(width, height), lossy = new DirtyRegion(width, height);
    lacks.add(rectOfSize(width, height));
    this.#shown = { screen, lacks, lossy, marked: false };
  }
}

function base(box: Rect) {
  return { surfaceId: PRIMARY, box, clip: { shape: { is: "NONE", value: null } } } as const;
}

function areaOf({ left, top, right, bottom }: Rect): number {
  return (right - left) * (bottom - top);
}
