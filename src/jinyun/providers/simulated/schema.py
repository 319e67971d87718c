"""The tables of a simulated data centre. Times are seconds since 1970, UTC."""

SCHEMA = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE pool (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, zone TEXT NOT NULL);
CREATE TABLE host (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, pool_id TEXT NOT NULL, zone TEXT NOT NULL,
    up INTEGER NOT NULL DEFAULT 1, enabled INTEGER NOT NULL DEFAULT 1,
    vcpus INTEGER NOT NULL, memory_mib INTEGER NOT NULL, disk_gib INTEGER NOT NULL,
    cpu_ratio REAL NOT NULL, memory_ratio REAL NOT NULL,
    used_vcpus INTEGER NOT NULL DEFAULT 0, used_memory_mib INTEGER NOT NULL DEFAULT 0,
    used_disk_gib INTEGER NOT NULL DEFAULT 0);
CREATE INDEX host_by_load ON host (used_memory_mib, name);
CREATE INDEX host_by_pool ON host (pool_id, name);

CREATE TABLE flavor (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    vcpus INTEGER NOT NULL, memory_mib INTEGER NOT NULL, disk_gib INTEGER NOT NULL);
CREATE TABLE image (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, minimum_disk_gib INTEGER NOT NULL,
    minimum_memory_mib INTEGER NOT NULL, size_bytes INTEGER NOT NULL, virtual_size_bytes INTEGER NOT NULL,
    checksum TEXT NOT NULL);
CREATE TABLE array (
    name TEXT PRIMARY KEY, seconds REAL NOT NULL, patience_seconds REAL, busy_until REAL NOT NULL DEFAULT 0);
CREATE TABLE volume_type (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, array TEXT NOT NULL);

CREATE TABLE project (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL);

CREATE TABLE project_limit (
    project_id TEXT NOT NULL, resource TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (project_id, resource));
CREATE TABLE server (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, token TEXT, name TEXT NOT NULL,
    status TEXT NOT NULL, task TEXT, fault TEXT, host TEXT, zone TEXT,
    flavor_id TEXT NOT NULL, image_id TEXT NOT NULL, specification TEXT NOT NULL,
    rests_as TEXT NOT NULL DEFAULT 'active', former_flavor_id TEXT, former_host TEXT,
    created_at REAL NOT NULL, changed_at REAL NOT NULL, booted_at REAL);
CREATE INDEX server_by_token ON server (project_id, token);
CREATE INDEX server_by_change ON server (changed_at);

CREATE TABLE volume (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, token TEXT, name TEXT NOT NULL, status TEXT NOT NULL,
    size_gib INTEGER NOT NULL, volume_type TEXT NOT NULL, array TEXT NOT NULL, created_at REAL NOT NULL);
CREATE INDEX volume_by_token ON volume (project_id, token);

CREATE TABLE snapshot (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, token TEXT, name TEXT NOT NULL, status TEXT NOT NULL,
    volume_id TEXT NOT NULL, size_gib INTEGER NOT NULL, created_at REAL NOT NULL);
CREATE INDEX snapshot_by_token ON snapshot (project_id, token);
CREATE INDEX snapshot_of_volume ON snapshot (volume_id);

CREATE TABLE attachment (
    id TEXT PRIMARY KEY, volume_id TEXT NOT NULL, server_id TEXT NOT NULL, state TEXT NOT NULL,
    device TEXT NOT NULL, server_knows INTEGER NOT NULL DEFAULT 1);
CREATE UNIQUE INDEX attachment_of_volume ON attachment (volume_id);
CREATE INDEX attachment_of_server ON attachment (server_id);

CREATE TABLE network (
    id TEXT PRIMARY KEY, project_id TEXT, token TEXT, name TEXT NOT NULL, shared INTEGER NOT NULL,
    external INTEGER NOT NULL, vlan INTEGER, physical_network TEXT);
CREATE UNIQUE INDEX network_by_vlan ON network (physical_network, vlan) WHERE vlan IS NOT NULL;
CREATE TABLE subnet (
    id TEXT PRIMARY KEY, network_id TEXT NOT NULL, cidr TEXT NOT NULL, gateway TEXT, dhcp INTEGER NOT NULL,
    pool_first TEXT NOT NULL, pool_last TEXT NOT NULL, dns TEXT NOT NULL DEFAULT '[]');
CREATE TABLE port (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, token TEXT, name TEXT NOT NULL, network_id TEXT NOT NULL,
    address TEXT NOT NULL, mac TEXT NOT NULL, server_id TEXT, security_group_ids TEXT NOT NULL);
CREATE UNIQUE INDEX port_address ON port (network_id, address);
CREATE INDEX port_of_server ON port (server_id);
CREATE TABLE security_group (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, token TEXT NOT NULL, name TEXT NOT NULL, rules TEXT NOT NULL);
CREATE UNIQUE INDEX security_group_by_token ON security_group (project_id, token);

CREATE TABLE router (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, token TEXT NOT NULL, name TEXT NOT NULL, external_network_id TEXT);
CREATE UNIQUE INDEX router_by_token ON router (project_id, token);
CREATE TABLE router_interface (subnet_id TEXT PRIMARY KEY, router_id TEXT NOT NULL);
CREATE TABLE floating_address (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, token TEXT NOT NULL, network_id TEXT NOT NULL,
    address TEXT NOT NULL, port_id TEXT);
CREATE UNIQUE INDEX floating_address_by_address ON floating_address (network_id, address);

CREATE TABLE work (
    number INTEGER PRIMARY KEY, due_at REAL NOT NULL, effect TEXT NOT NULL, subject_id TEXT NOT NULL, value TEXT);
CREATE INDEX work_due ON work (due_at, number);
CREATE INDEX work_of_subject ON work (subject_id);
CREATE TABLE journal (
    number INTEGER PRIMARY KEY, at REAL NOT NULL, verb TEXT NOT NULL, object_id TEXT NOT NULL, token TEXT);
CREATE INDEX journal_by_token ON journal (token);
CREATE INDEX journal_by_object ON journal (object_id);

CREATE TABLE pace (verb TEXT PRIMARY KEY, call_seconds REAL NOT NULL, work_seconds REAL NOT NULL);
CREATE TABLE fault (
    number INTEGER PRIMARY KEY, verb TEXT NOT NULL, kind TEXT NOT NULL, times INTEGER, probability REAL NOT NULL,
    seed INTEGER NOT NULL, factor REAL NOT NULL, considered INTEGER NOT NULL DEFAULT 0);
"""
