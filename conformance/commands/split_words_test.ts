import assert from "node:assert/strict";
import { splitWords } from "./split_words.ts";

Deno.test("splitWords() as a shell does", () => {
  assert.deepEqual(splitWords(`a  'b c' "d 'e'" f\\ g h''i '' \\"`), ["a", "b c", "d 'e'", "f g", "hi", "", '"']);
  assert.deepEqual(splitWords("  "), []);
});
