/** The front door: from a URI to a session. */
import { ProtocolError } from "../protocol/errors.ts";
import type { SpiceTarget } from "../protocol/target.ts";
import { parseUri } from "../protocol/uri.ts";
import { channels } from "../protocol/messages/channels.ts";
import { LARGE_PIXELS } from "./core/decode_ahead.ts";
import type { ChannelId, SessionEvent } from "./core/events.ts";
import { SessionCore, type SessionOptions } from "./core/session_core.ts";
import { EventStream } from "./event_stream.ts";
import type { Connection } from "../io/pipe.ts";
import { type Address, openConnection } from "./io/connection.ts";
import { SessionDriver } from "./io/session_driver.ts";
import { Session } from "./session.ts";

/** How to connect. */
export interface ConnectOptions extends Omit<SessionOptions, "decodeElsewhere"> {
  /** The ticket; goes before one in the URI. */
  readonly password?: string;
  /** Ends the session when aborted. */
  readonly signal?: AbortSignal;
  /** Makes connections in another way than by TCP or unix socket. */
  readonly open?: (channel: ChannelId, signal: AbortSignal) => Promise<Connection>;
  /** Hears every event from the first on, also those before the session is ready. It must not throw. */
  readonly onEvent?: (event: SessionEvent) => void;
  /**
   * Workers that decode large images, at most. They start when a second one comes; where Deno may not read our files,
   * none do. Default: one for each core but the first, two at most.
   */
  readonly workers?: number;
}

/** More would wait for the server: images come one after the other. */
const MOST_WORKERS = 2;

/**
 * Connects to a SPICE server; resolves once every channel that it offers is open or refused.
 *
 * Needs `--allow-net` for the address (and read and write for a unix socket).
 *
 * @param target `spice://host:port`, `spice+unix:///path`, or a target from a URI or `.vv` file.
 * @throws {TargetError} The URI does not parse.
 * @throws {ProtocolError} `unreachable`; `link-refused`, with the `link_err`; `timeout`; `unsupported` for TLS and
 * proxies; and whatever rule the server breaks.
 *
 * @example
 * ```ts ignore
 * import { connect } from "../mod.ts";
 *
 * await using session = await connect("spice://127.0.0.1:5930", { password: "secret" });
 * await session.keyboard.press("ctrl+alt+f2");
 * const { width, height } = await session.screen.screenshot();
 * ```
 */
export async function connect(target: string | SpiceTarget, options: ConnectOptions = {}): Promise<Session> {
  const parsed = typeof target === "string" ? parseUri(target) : target;
  const disabled = parsed.disableChannels ?? [];
  const { workers = Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1) } = options;
  const wanted = disabled.length > 0 ? { channelTypes: typesBut(disabled), ...options } : options;
  const core = new SessionCore({ ...wanted, ...(workers > 0 ? { decodeElsewhere: LARGE_PIXELS } : {}) });
  const stream = new EventStream();
  if (options.onEvent !== undefined) stream.listen(options.onEvent);
  const driver = new SessionDriver(core, {
    open: options.open ?? opener(parsed),
    password: options.password ?? parsed.password ?? "",
    onEvent: (event) => stream.emit(event),
    workers,
  });
  const session = new Session(core, driver, stream);
  const abort = () => void session.close();
  options.signal?.throwIfAborted();
  options.signal?.addEventListener("abort", abort, { once: true });
  stream.listen((event) => {
    if (event.type === "closed") options.signal?.removeEventListener("abort", abort);
  });
  driver.start();
  try {
    await session.ready();
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** @returns What connects to the target; it throws `unsupported` for what only TLS or a proxy can reach. */
function opener(target: SpiceTarget): (channel: ChannelId, signal: AbortSignal) => Promise<Connection> {
  const address = addressOf(target);
  return (_channel, signal) => openConnection(address, signal);
}

/** @returns The types of all channels but those named. */
function typesBut(disabled: readonly string[]): readonly number[] {
  return Object.values(channels).filter(({ name }) => !disabled.includes(name)).map(({ type }) => type);
}

function addressOf({ unixPath, host, port, proxy, secureChannels = [] }: SpiceTarget): Address {
  const unsupported = (detail: string): never => {
    throw new ProtocolError({ by: "local", code: "unsupported", action: "connect to", message: "the server", detail });
  };
  if (secureChannels.length > 0) {
    return unsupported(`TLS is not supported, and ${secureChannels.join(", ")} must use it`);
  }
  if (unixPath !== undefined) return { kind: "unix", path: unixPath };
  if (proxy !== undefined) return unsupported("connections through a proxy are not supported");
  if (port === undefined) return unsupported("TLS is not supported; give the port of plain SPICE");
  return { kind: "tcp", host: host ?? "localhost", port };
}
