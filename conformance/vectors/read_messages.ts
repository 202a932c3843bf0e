/** Reads the message vectors that are kept with the source. */
import type { MessageVector } from "./message_vector.ts";

/** Folder of the vectors. */
export const MESSAGE_VECTORS: URL = new URL("messages/", import.meta.url);

/** @returns Path below {@link MESSAGE_VECTORS} to contents, sorted by path. */
export function readMessageVectors(): Map<string, MessageVector> {
  const paths = [...list("")].sort();
  // `golden/message_vectors_test.ts` checks every file against the schema.
  return new Map(paths.map((path) => [path, JSON.parse(Deno.readTextFileSync(new URL(path, MESSAGE_VECTORS)))]));
}

function* list(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, MESSAGE_VECTORS))) {
    if (isDirectory) yield* list(`${folder}${name}/`);
    else yield `${folder}${name}`;
  }
}
