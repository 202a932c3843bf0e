import assert from "node:assert/strict";
import { removeStaleSocket } from "./stale_socket.ts";

Deno.test("removeStaleSocket() removes only a socket that nothing listens on", async () => {
  const dir = await Deno.makeTempDir({ prefix: "saffron-stale-" });
  try {
    const path = `${dir}/x.sock`;
    assert.equal(await removeStaleSocket(path), false);
    await Deno.writeTextFile(path, "a file");
    assert.equal(await removeStaleSocket(path), false);
    assert.equal(await Deno.readTextFile(path), "a file");
    await Deno.remove(path);

    const listener = Deno.listen({ transport: "unix", path });
    assert.equal(await removeStaleSocket(path), false);
    // Closing would remove it under this name; a killed server cannot.
    await Deno.rename(path, `${path}.old`);
    listener.close();
    assert.equal(await removeStaleSocket(`${path}.old`), true);
    await assert.rejects(Deno.lstat(`${path}.old`), Deno.errors.NotFound);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
