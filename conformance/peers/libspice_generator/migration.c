/* Migration of clients to another generator, as a host does it for a machine that moves. */
#include "generator.h"

static void connected(SpiceMigrateInstance *instance) { say("{\"event\":\"migration\",\"what\":\"connected\"}"); }
static void ended(SpiceMigrateInstance *instance) { say("{\"event\":\"migration\",\"what\":\"ended\"}"); }

static const SpiceMigrateInterface MIGRATION = {
    .base = { SPICE_INTERFACE_MIGRATION, "migration", SPICE_INTERFACE_MIGRATION_MAJOR,
              SPICE_INTERFACE_MIGRATION_MINOR },
    .migrate_connect_complete = connected,
    .migrate_end_complete = ended,
};

static SpiceMigrateInstance migration = { .base.sif = &MIGRATION.base };

void add_migration(SpiceServer *server)
{
    spice_server_set_seamless_migration(server, true);
    spice_server_add_interface(server, &migration.base);
}
