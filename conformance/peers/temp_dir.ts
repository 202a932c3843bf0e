/** A directory that goes away. */

/** A directory for sockets and files of one peer. Disposing removes it with its content. */
export interface TempDir extends AsyncDisposable {
  /** Absolute path, short enough for unix sockets within (108 bytes). */
  readonly path: string;
}

/**
 * Make an empty directory, readable by this user only.
 *
 * @param prefix Begin of its name.
 * @returns The directory. Own it with `await using`.
 */
export async function makeTempDir(prefix: string): Promise<TempDir> {
  const path = await Deno.makeTempDir({ prefix: `saffron-${prefix}-` });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
