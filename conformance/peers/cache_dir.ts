/** Where instruments keep what they fetched or built, from one run to the next. */

/**
 * A folder of this user's cache; nothing is made.
 *
 * @param name What is kept there, as `kernels`.
 * @returns Its absolute path.
 */
export function cacheDir(name: string): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${home}/saffron/${name}`;
}
