import assert from "node:assert/strict";
import { MigrationMarker } from "./migration_items.ts";

Deno.test("a path is covered when its last message comes after the others", () => {
  const marker = new MigrationMarker();
  assert.deepEqual(marker.receive("client", "MAIN_MIGRATE_CONNECT_ERROR"), []);
  assert.deepEqual(marker.receive("server", "MAIN_MIGRATE_BEGIN"), []);
  assert.deepEqual(marker.receive("server", "PING"), []);
  assert.deepEqual(marker.receive("client", "MAIN_MIGRATE_CONNECTED"), ["migration/semi-seamless/connected"]);
  assert.deepEqual(marker.receive("server", "MAIN_MIGRATE_END"), ["migration/semi-seamless/end"]);
  assert.deepEqual(marker.receive("client", "MAIN_MIGRATE_END"), ["migration/arrived"]);
});
