/** A WebSocket server in front of a TCP port, as websockify is: bytes in messages, whatever their bounds. */

/** Bytes that may wait in a WebSocket before its TCP end is read on. */
const MOST_WAITING = 8 * 1024 * 1024;

/**
 * Answers the request for a WebSocket, and carries bytes both ways until one end closes, which closes the other.
 *
 * @param request An upgrade to a WebSocket; the subprotocol `binary` is taken when it is offered.
 * @param to Where the bytes go.
 */
export function bridge(request: Request, to: Deno.ConnectOptions): Response {
  const offered = request.headers.get("sec-websocket-protocol")?.split(",").map((one) => one.trim()) ?? [];
  const { socket, response } = Deno.upgradeWebSocket(
    request,
    offered.includes("binary") ? { protocol: "binary" } : {},
  );
  socket.binaryType = "arraybuffer";
  const connecting = Deno.connect(to);
  const closed = new Promise<void>((done) => socket.onclose = () => done());
  let writing: Promise<unknown> = connecting;
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    writing = writing.then(async () => {
      const conn = await connecting, bytes = new Uint8Array(data);
      for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    });
    writing.catch(() => {});
  };
  connecting.then(async (conn) => {
    await Promise.race([read(conn, socket), closed]);
    // What the page has said last reaches the other end.
    await writing.catch(() => {});
    conn.close();
  }).catch(() => {}).finally(() => socket.close());
  return response;
}

async function read(conn: Deno.Conn, socket: WebSocket): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null || socket.readyState > WebSocket.OPEN) return;
    while (socket.readyState === WebSocket.CONNECTING || socket.bufferedAmount > MOST_WAITING) {
      await new Promise((done) => setTimeout(done, 1));
    }
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(buffer.slice(0, count));
  }
}
