/**
 * Sized for a laptop or a small server that also runs everything else: idle, the whole tree
 * stays far below 300 MB. Nobody replicates from it, so the log holds what recovery needs.
 */
export function serverOptions(data: string, port: number, fsync: boolean): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    timezone: 'UTC',
    max_connections: '100',
    shared_buffers: '48MB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_wal_size: '512MB',
    io_method: 'sync',
    autovacuum_max_workers: '2',
    // The outbox and the cursors are mostly dead rows after a minute of load.
    autovacuum_naptime: '10s',
    jit: 'off',
    log_checkpoints: 'off',
    // Commits stay synchronous: without fsync that costs little, and a kill -9 loses none of them.
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  return [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
}
