/** Waits for what a peer comes to. */
import { mustEqual } from "./verdict.ts";

/**
 * Asks again and again until the answer is right.
 *
 * @param what For the verdict, as `its name of the machine`.
 * @param patienceMs Default: 2000.
 * @throws {Finding} `failed`: the last answer is another.
 */
export async function eventually(
  what: string,
  ask: () => Promise<unknown>,
  expected: unknown,
  patienceMs = 2000,
): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (JSON.stringify(answer) === JSON.stringify(expected) || performance.now() > end) {
      return mustEqual(answer, expected, what);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}
