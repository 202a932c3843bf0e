/**
 * Who speaks when it is not SPICE: the most frequent mistake with a port is to take that of another service.
 *
 * @param first The first bytes of the connection, as many as there are.
 * @returns The protocol, for people, as `HTTP`; `null` when it is none that we know.
 *
 * Source: RFC 8446 5.1 (a TLS record begins with its type, 20 to 23, and 3), RFC 9112 4, RFC 4253 4.2, RFC 6143 7.1.1;
 * QEMU docs/interop/qmp-spec.
 */
export function nameStranger(first: Uint8Array): string | null {
  const [type = 0, version] = first;
  if (type >= 20 && type <= 23 && version === 3) return "TLS";
  const text = String.fromCharCode(...first.subarray(0, 16));
  return STRANGERS.find(([start]) => text.startsWith(start))?.[1] ?? null;
}

const STRANGERS: readonly (readonly [start: string, name: string])[] = [
  ["HTTP/", "HTTP"],
  ["GET ", "HTTP"],
  ["POST ", "HTTP"],
  ["SSH-", "SSH"],
  ["RFB ", "VNC"],
  ['{"QMP"', "QMP, QEMU's machine protocol"],
  ["QEMU ", "the QEMU monitor"],
];
