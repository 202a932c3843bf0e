/** Prints the files of `conformance/vectors/messages` as one object of JSON, path to text: see `deno task generate`. */
import { messageVectors } from "./message_vectors.ts";

if (import.meta.main) {
  const files = [...messageVectors()].map(([path, vector]) => [path, `${JSON.stringify(vector, null, 2)}\n`]);
  console.log(JSON.stringify(Object.fromEntries(files)));
}
