/** The server for programs: a machine, where to listen, who may come in. */
import { LinkErr } from "../protocol/messages/enums.ts";
import { ServerCore, type ServerEvent, type ServerOptions } from "./core/server_core.ts";
import type { Ticket } from "./core/ticket.ts";
import type { Machine, MachineEnd } from "./core/vdi.ts";
import { defaultWorkers } from "./io/picture_encoder.ts";
import { ServerDriver, type Traffic } from "./io/server_driver.ts";

/** How a server is made. */
export interface SpiceServerOptions extends Omit<ServerOptions, "tickets" | "workers"> {
  /** What to show. It belongs to the server from now on. */
  readonly machine: Machine;
  /** Password for viewers that see and steer; without one everybody may. At most 60 bytes of UTF-8. */
  readonly password?: string;
  /** Password for viewers that only see. */
  readonly viewOnlyPassword?: string;
  /** How long the passwords let viewers in, from now, in seconds. Default: for ever. */
  readonly ticketSeconds?: number;
  /**
   * Most workers for encoding large pictures, so that the server's own thread is free for all else. They are started when
   * large pictures come repeatedly; where none can be (Deno without the permission to read this library's files), that
   * thread encodes. 0: never. Default: one less than there are processors, at most 4.
   */
  readonly workers?: number;
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
  readonly #listeners = new Set<Deno.Listener>();
  readonly #accepting: Promise<void>[] = [];
  readonly #ended = Promise.withResolvers<MachineEnd>();
  #started: Promise<void> | null = null;
  #accepts = false;
  #stopped: Promise<void> | null = null;

  /** Makes a server; nothing runs before {@link start}, {@link bind} or {@link listen}. */
  constructor(options: SpiceServerOptions) {
    const { workers = defaultWorkers() } = options;
    this.#core = new ServerCore({ ...options, workers, tickets: ticketsOf(options) });
    this.#machine = options.machine;
    this.#driver = new ServerDriver(this.#core, options.machine, options.onEvent ?? (() => {}), workers);
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

  /** Starts the machine; resolves when it shows its first heads. From then on viewers are let in where it is bound. */
  start(): Promise<void> {
    return this.#started ??= this.#start();
  }

  /**
   * Takes an address. Viewers that come before {@link start} has ended wait.
   * @returns The URI to connect to.
   * @throws {Deno.errors.AddrInUse} and what else the system says of the address.
   */
  bind(address: ListenAddress): string {
    return this.#bind(address).uri;
  }

  /**
   * Binds an address, then starts the machine if need be; a machine that does not start frees the address.
   * @returns The URI to connect to.
   * @throws {Deno.errors.AddrInUse} and what else the system says of the address; what the machine says.
   */
  async listen(address: ListenAddress): Promise<string> {
    const { listener, uri } = this.#bind(address);
    try {
      await this.start();
    } catch (error) {
      if (this.#listeners.delete(listener)) listener.close();
      throw error;
    }
    return uri;
  }

  /** Tells viewers, closes every connection, ends the machine; resolves when nothing is left. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  /** The same as {@link stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #start(): Promise<void> {
    await this.#machine.start(this.#driver.vdi, (end) => this.#ended.resolve(end));
    this.#accepts = true;
    for (const listener of this.#listeners) this.#serve(listener);
  }

  #bind(address: ListenAddress): { readonly listener: Deno.Listener; readonly uri: string } {
    const { listener, uri } = openListener(address);
    this.#listeners.add(listener);
    if (this.#accepts) this.#serve(listener);
    return { listener, uri };
  }

  #serve(listener: Deno.Listener): void {
    this.#accepting.push((async () => {
      while (this.#stopped === null) {
        try {
          const conn = await listener.accept();
          if ("setNoDelay" in conn && typeof conn.setNoDelay === "function") conn.setNoDelay(true);
          const { remoteAddr } = conn;
          this.#driver.accept(conn, remoteAddr.transport === "tcp" ? remoteAddr.hostname : remoteAddr.transport);
        } catch (error) {
          // Closed by us; or one connection failed before it was ours, which is no reason to serve nobody.
          if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        }
      }
    })());
  }

  async #stop(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
    await Promise.all(this.#accepting);
    await this.#driver.stop(LinkErr.OK);
    if (this.#started !== null) await this.#machine.stop();
    this.#ended.resolve({ code: null, message: "the server was stopped" });
  }
}

function openListener(address: ListenAddress): { readonly listener: Deno.Listener; readonly uri: string } {
  if ("path" in address) {
    const listener = Deno.listen({ transport: "unix", path: address.path });
    return { listener, uri: `spice+unix://${address.path}` };
  }
  const listener = Deno.listen({ hostname: address.hostname ?? "127.0.0.1", port: address.port });
  const { hostname, port } = listener.addr;
  return { listener, uri: `spice://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}` };
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
