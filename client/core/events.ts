/** What a session tells its application. */
import type { Rect } from "../../canvas/rect.ts";
import type { ProtocolError } from "../../protocol/errors.ts";
import type { Cursor } from "./cursor.ts";

/** Which channel: its type and its number among those of the type. */
export interface ChannelId {
  /** Channel type of the link message: 1 main, 2 display, 3 inputs, 4 cursor, … */
  readonly type: number;
  /** 0 for the first of its type. */
  readonly id: number;
}

/** What main INIT said. */
export interface SessionInit {
  /** What the other channels name to join the session. */
  readonly sessionId: number;
  /** How many display channels to expect. */
  readonly displayChannelsHint: number;
  /** Flags of `MouseMode`. */
  readonly supportedMouseModes: number;
  /** A member of `MouseMode`. */
  readonly currentMouseMode: number;
  /** Whether an agent runs in the guest. */
  readonly agentConnected: boolean;
  /** How many messages the agent takes before it gives new tokens. */
  readonly agentTokens: number;
  /** Bytes of video memory. */
  readonly ramHint: number;
}

/** One monitor of a display channel. Source: spice.proto Head. */
export interface Head {
  /** The guest's number for it. */
  readonly monitorId: number;
  /** The surface that it shows a part of. */
  readonly surfaceId: number;
  /** First column on the surface. */
  readonly x: number;
  /** First row on the surface. */
  readonly y: number;
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** As they came; the protocol names none. */
  readonly flags: number;
}

/** What a session tells its application, in the order in which it happened. */
export type SessionEvent =
  | { readonly type: "init"; readonly init: SessionInit }
  | { readonly type: "name"; readonly name: string }
  /** 16 bytes. */
  | { readonly type: "uuid"; readonly uuid: Uint8Array }
  /** The server offers these channels; opening them begins. */
  | { readonly type: "channels"; readonly channels: readonly ChannelId[] }
  | { readonly type: "channel-open"; readonly channel: ChannelId; readonly capabilities: ChannelCapabilities }
  /** A channel that was refused, or that ended while the session goes on. `error` is null for a clean end. */
  | { readonly type: "channel-closed"; readonly channel: ChannelId; readonly error: ProtocolError | null }
  | { readonly type: "mouse-mode"; readonly supported: number; readonly current: number }
  | { readonly type: "agent"; readonly connected: boolean; readonly tokens: number }
  | { readonly type: "agent-data"; readonly bytes: Uint8Array }
  /** Server time of multimedia, milliseconds, wrapping u32. */
  | { readonly type: "mm-time"; readonly timeMs: number }
  | { readonly type: "primary"; readonly display: number; readonly width: number; readonly height: number }
  | { readonly type: "primary-destroyed"; readonly display: number }
  /** The server vouches for the picture: it has been sent whole. */
  | { readonly type: "mark"; readonly display: number }
  /** Pixels of a surface may differ inside `area`. */
  | { readonly type: "draw"; readonly display: number; readonly surfaceId: number; readonly area: Rect }
  | { readonly type: "heads"; readonly display: number; readonly heads: readonly Head[] }
  | { readonly type: "cursor"; readonly display: number; readonly cursor: Cursor }
  /** Keyboard LEDs: `KeyboardModifierFlags`. */
  | { readonly type: "modifiers"; readonly modifiers: number }
  /** The server has taken four more motion messages, and all input before them. */
  | { readonly type: "motion-ack" }
  | {
    readonly type: "notify";
    readonly channel: ChannelId;
    readonly severity: number;
    readonly what: number;
    readonly text: string;
  }
  /** The server says why it is about to close. */
  | { readonly type: "disconnecting"; readonly channel: ChannelId; readonly reason: number }
  /** A valid message that this client does not act on; the picture may lack something. */
  | { readonly type: "unsupported"; readonly channel: ChannelId; readonly error: ProtocolError }
  /** The session is over. `error` is null when we closed it. */
  | { readonly type: "closed"; readonly error: ProtocolError | null };

/** Capability words of a peer; see `hasCap`. */
export interface ChannelCapabilities {
  /** Those that all channels share, see `CommonCap`. */
  readonly common: readonly number[];
  /** The channel's own, see `MainCap`, `DisplayCap`, … */
  readonly channel: readonly number[];
}
