import postgres from 'postgres'

export interface SessionOptions {
  readonly url: string
  readonly channel: string
  /** Two keys of the advisory lock that shows this process alive, as `pg_try_advisory_lock` takes. */
  readonly lock: readonly [number, number]
  readonly onNotify: (payload: string) => void
  /** Called when the session stands, at first and after each reconnection. */
  readonly onUp: () => void
  readonly onDown: (error: unknown) => void
}

export interface Session {
  /** Gives a session up that others do not see any more, though nobody told of its end. */
  reopen(): void
  close(): Promise<void>
}

const retryMs = 200

/**
 * One dedicated connection that listens to a channel and holds an advisory lock: when the process
 * dies, its connection and so its lock go with it, and others see that at once in `pg_locks`
 * (https://www.postgresql.org/docs/18/explicit-locking.html#ADVISORY-LOCKS).
 */
export const openSession = (options: SessionOptions): Session => {
  let closed = false
  let standing = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const lost = (error: unknown) => {
    if (standing) options.onDown(error)
    standing = false
    if (closed || timer) return
    timer = setTimeout(() => {
      timer = undefined
      void connect()
    }, retryMs)
  }
  const open = (): postgres.Sql => {
    const opened: postgres.Sql = connection(options, () => {
      if (opened === sql) lost(new Error('the connection of the session was closed'))
    })
    return opened
  }

  const connect = async () => {
    if (closed) return
    try {
      await sql.unsafe(`LISTEN ${options.channel}`)
      const [row] = await sql.unsafe<{ taken: boolean }[]>(
        'SELECT pg_try_advisory_lock($1, $2) AS taken',
        [...options.lock],
      )
      // The server has not noticed yet that our last connection is gone.
      if (!row?.taken) return lost(new Error('the lock of the session is still taken'))
      standing = true
      options.onUp()
    } catch (error) {
      lost(error)
    }
  }

  let sql = open()
  void connect()
  return {
    reopen() {
      if (!standing) return
      const silent = sql
      sql = open()
      void silent.end({ timeout: 0 })
      lost(new Error('the session is not up, though its connection seems to be'))
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await sql.end({ timeout: 1 })
    },
  }
}

const connection = ({ url, onNotify }: SessionOptions, onclose: () => void): postgres.Sql =>
  postgres(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 2,
    fetch_types: false,
    backoff: () => 0.1,
    onnotice: () => {},
    onnotify: (_channel: string, payload: string) => onNotify(payload),
    onclose,
    connection: { application_name: 'aeroalpes broker session' },
  } as postgres.Options<Record<string, postgres.PostgresType>>)
