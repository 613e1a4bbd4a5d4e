import postgres from 'postgres'

/**
 * Opens one connection and closes it again. Throws the error of the driver or the database when
 * that does not work within 10 s.
 */
export async function probeDatabase(url: string): Promise<void> {
  const client = postgres(url, {
    max: 1,
    connect_timeout: 10,
    connection: { application_name: 'aeroalpes probe' },
  })
  try {
    await client`SELECT 1`
  } finally {
    await client.end({ timeout: 1 })
  }
}
