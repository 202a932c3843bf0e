/** The peer's end of the control protocol: one JSON object a line, see `conformance/suite/control.ts`. */

/** What a peer can be asked for, by verb. */
export type Verbs = Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => unknown>>;

/** Thrown by a verb: the peer cannot do this, or not what the arguments say. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/**
 * Answers on standard output what is asked on standard input, until that ends.
 * @param verbs What they return, or resolve to, is the answer.
 */
export async function answerLines(verbs: Verbs): Promise<void> {
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) console.log(JSON.stringify(await answer(verbs, line)));
  }
}

async function answer(verbs: Verbs, line: string): Promise<Record<string, unknown>> {
  let id: unknown = null;
  try {
    const { do: verb, ...args } = JSON.parse(line);
    id = args.id;
    if (!Object.hasOwn(verbs, verb)) return { id, unsupported: true };
    return { id, ok: await verbs[verb]!(args) ?? null };
  } catch (error) {
    if (error instanceof Unsupported) return { id, unsupported: true };
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Writes pixels 0x??RRGGBB as PPM into a file of its own, and tells which. */
export async function writePicture(
  { width, height, pixels }: { readonly width: number; readonly height: number; readonly pixels: Uint32Array },
): Promise<{ width: number; height: number; file: string }> {
  const head = new TextEncoder().encode(`P6\n${width} ${height}\n255\n`),
    bytes = new Uint8Array(head.length + width * height * 3);
  bytes.set(head);
  for (let i = 0, at = head.length; i < width * height; i++) {
    const pixel = pixels[i]!;
    bytes[at++] = pixel >> 16;
    bytes[at++] = pixel >> 8;
    bytes[at++] = pixel;
  }
  const file = await Deno.makeTempFile({ suffix: ".ppm" });
  await Deno.writeFile(file, bytes);
  return { width, height, file };
}
