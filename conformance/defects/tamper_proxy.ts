/** A TCP proxy in front of a server that tampers with what passes. */
import { Tamper, type Tampering } from "./tamper.ts";

/** A proxy that listens. Disposing closes it and its connections. */
export interface TamperProxy extends AsyncDisposable {
  readonly port: number;
}

/** Starts a proxy on a free port of 127.0.0.1. @param to Port of the server. */
export function startTamperProxy(to: number, tampering: Tampering): TamperProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const tasks = new Set<Promise<void>>(), open = new Set<Deno.Conn>();
  const keep = (task: Promise<void>) => {
    const kept = task.catch(() => {}).finally(() => tasks.delete(kept));
    tasks.add(kept);
  };
  const serve = async (client: Deno.Conn) => {
    open.add(client);
    const server = await Deno.connect({ port: to });
    open.add(server);
    const tamper = new Tamper(tampering), ends = { client, server } as const;
    const pump = async (from: "client" | "server") => {
      const other = from === "client" ? "server" : "client", buffer = new Uint8Array(64 * 1024);
      try {
        for (let n = await ends[from].read(buffer); n !== null; n = await ends[from].read(buffer)) {
          for (const [to, bytes] of passed(tamper, from, buffer.subarray(0, n))) await writeAll(ends[to], bytes);
        }
      } finally {
        for (const conn of [ends[from], ends[other]]) if (open.delete(conn)) conn.close();
      }
    };
    await Promise.allSettled([pump("client"), pump("server")]);
  };
  keep((async () => {
    for await (const conn of listener) keep(serve(conn));
  })());
  return {
    port: listener.addr.port,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const conn of open) conn.close();
      open.clear();
      while (tasks.size > 0) await Promise.all(tasks);
    },
  };
}

/** What goes to whom: the server's reply can let go what waited of the client. */
function passed(
  tamper: Tamper,
  from: "client" | "server",
  bytes: Uint8Array,
): (readonly ["client" | "server", Uint8Array])[] {
  const forth = tamper.pass(from, bytes);
  if (from === "client") return [["server", forth]];
  return [["client", forth], ["server", tamper.pass("client", new Uint8Array(0))]];
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
