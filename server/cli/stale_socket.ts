/**
 * Removes a unix socket that a killed server left behind: one that nothing listens on. A socket in use and a file that
 * is no socket stay.
 *
 * @param path Where it may be.
 * @returns Whether something was removed.
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const info = await Deno.lstat(path).catch(() => null);
  if (info?.isSocket !== true) return false;
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) return false;
    await Deno.remove(path);
    return true;
  }
}
