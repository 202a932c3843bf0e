/** The server for programs: a machine, where to listen, who may come in. */
import { LinkErr } from "../protocol/messages/enums.ts";
import { ServerCore, type ServerEvent, type ServerOptions } from "./core/server_core.ts";
import type { Ticket } from "./core/ticket.ts";
import type { Machine, MachineEnd } from "./core/vdi.ts";
import { ServerDriver, type Traffic } from "./io/server_driver.ts";

/** How a server is made. */
export interface SpiceServerOptions extends Omit<ServerOptions, "tickets"> {
  /** What to show. It belongs to the server from now on. */
  readonly machine: Machine;
  /** Password for viewers that see and steer; without one everybody may. At most 60 bytes of UTF-8. */
  readonly password?: string;
  /** Password for viewers that only see. */
  readonly viewOnlyPassword?: string;
  /** How long the passwords let viewers in, from now, in seconds. Default: for ever. */
  readonly ticketSeconds?: number;
  /** Called for every event, in order. */
  readonly onEvent?: (event: ServerEvent) => void;
}

/** Where a server listens. */
export type ListenAddress =
  | { readonly hostname?: string; readonly port: number }
  | { readonly path: string };

/**
 * A SPICE server in front of a machine.
 *
 * @example
 * ```ts ignore
 * import { PixelsMachine, SpiceServer } from "../mod.ts";
 *
 * const machine = new PixelsMachine({ width: 640, height: 480 });
 * await using server = new SpiceServer({ machine, password: "secret" });
 * const uri = await server.listen({ port: 5930 });
 * console.log(`remote-viewer ${uri}`);
 * await server.ended;
 * ```
 */
export class SpiceServer implements AsyncDisposable {
  readonly #core: ServerCore;
  readonly #driver: ServerDriver;
  readonly #machine: Machine;
  readonly #listeners: Deno.Listener[] = [];
  readonly #accepting: Promise<void>[] = [];
  readonly #ended = Promise.withResolvers<MachineEnd>();
  #started: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;

  /** Makes a server; nothing runs before {@link start} or {@link listen}. */
  constructor(options: SpiceServerOptions) {
    this.#core = new ServerCore({ ...options, tickets: ticketsOf(options) });
    this.#machine = options.machine;
    this.#driver = new ServerDriver(this.#core, options.machine, options.onEvent ?? (() => {}));
  }

  /** The server's state: viewers, pictures. */
  get core(): ServerCore {
    return this.#core;
  }

  /** Bytes of all connections since the start. */
  get traffic(): Traffic {
    return this.#driver.traffic;
  }

  /** Resolves when the machine has ended by itself, or the server was stopped. */
  get ended(): Promise<MachineEnd> {
    return this.#ended.promise;
  }

  /** Starts the machine; resolves when it shows its first heads. */
  start(): Promise<void> {
    return this.#started ??= this.#machine.start(this.#driver.vdi, (end) => this.#ended.resolve(end));
  }

  /**
   * Starts the machine if need be, and listens.
   * @returns The URI to connect to.
   * @throws {Deno.errors.AddrInUse} and what else the system says of the address.
   */
  async listen(address: ListenAddress): Promise<string> {
    await this.start();
    if ("path" in address) {
      this.#serve(Deno.listen({ transport: "unix", path: address.path }), () => "unix");
      return `spice+unix://${address.path}`;
    }
    const listener = Deno.listen({ hostname: address.hostname ?? "127.0.0.1", port: address.port });
    this.#serve(listener, (conn) => conn.remoteAddr.transport === "tcp" ? conn.remoteAddr.hostname : "?");
    const { hostname, port } = listener.addr;
    return `spice://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  }

  /** Tells viewers, closes every connection, ends the machine; resolves when nothing is left. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  /** The same as {@link stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(listener: Deno.Listener, addressOf: (conn: Deno.Conn) => string): void {
    this.#listeners.push(listener);
    this.#accepting.push((async () => {
      while (this.#stopped === null) {
        try {
          const conn = await listener.accept();
          if ("setNoDelay" in conn && typeof conn.setNoDelay === "function") conn.setNoDelay(true);
          this.#driver.accept(conn, addressOf(conn));
        } catch (error) {
          // Closed by us; or one connection failed before it was ours, which is no reason to serve nobody.
          if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        }
      }
    })());
  }

  async #stop(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    await Promise.all(this.#accepting);
    await this.#driver.stop(LinkErr.OK);
    if (this.#started !== null) await this.#machine.stop();
    this.#ended.resolve({ code: null, message: "the server was stopped" });
  }
}

function ticketsOf({ password, viewOnlyPassword, ticketSeconds }: SpiceServerOptions): readonly Ticket[] {
  const untilMs = ticketSeconds === undefined ? null : performance.now() + 1000 * ticketSeconds;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const tickets: Ticket[] = [];
  if (password !== undefined) tickets.push({ password: bytes(password), role: "control", untilMs });
  if (viewOnlyPassword !== undefined) tickets.push({ password: bytes(viewOnlyPassword), role: "view", untilMs });
  if (password === undefined) tickets.push({ password: null, role: "control", untilMs: null });
  return tickets;
}
