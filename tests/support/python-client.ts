import { join } from 'node:path'
import { python } from './python.ts'

/** What a schema is called in the script; an object is an Avro schema. */
export type PythonSchema = 'string' | 'order as json' | 'order as avro' | object

interface Message {
  /** Base64 for bytes, else what the schema makes of it. */
  readonly value: unknown
  readonly key: string
  readonly properties: Readonly<Record<string, string>>
  readonly eventTime: number
  readonly partition: number
  /** -1 outside of a batch. */
  readonly batchIndex: number
}

interface Answer {
  readonly call?: number
  readonly consumer?: number
  readonly message?: Message
  readonly error?: string
}

interface PythonProducer {
  /** Resolves when all are stored. Values are Base64 for a producer without a schema. */
  send(messages: readonly PythonMessage[]): Promise<void>
}

interface PythonMessage {
  readonly value: unknown
  readonly partition_key?: string
  readonly properties?: Readonly<Record<string, string>>
  readonly event_timestamp?: number
}

interface PythonConsumer {
  /** All that came, acknowledged. */
  readonly messages: readonly Message[]
  /** Resolves with what came when there are `count`. Rejects with what Python could not read. */
  received(count: number): Promise<readonly Message[]>
}

/** Named as in Python, but for the last two: its own batches by key, and routing by Murmur3. */
interface PythonProducerOptions {
  readonly schema?: PythonSchema
  readonly compression?: string
  readonly batching_enabled?: boolean
  readonly chunking_enabled?: boolean
  readonly key_based?: boolean
  readonly murmur?: boolean
}

export interface PythonClient extends AsyncDisposable {
  produce(topic: string, options?: PythonProducerOptions): Promise<PythonProducer>
  consume(
    topic: string,
    options?: { schema?: PythonSchema; subscription?: string; type?: string },
  ): Promise<PythonConsumer>
}

/** One process with the official C++ client; start it once for a file. Errors are Python's. */
export const pythonClient = async (url: string): Promise<PythonClient> => {
  const script = join(import.meta.dirname, 'python-client.py')
  const child = Bun.spawn([await python(), script, url], { stdin: 'pipe', stdout: 'pipe' })
  const calls = new Map<number, (answer: Answer) => void>()
  const inboxes = new Map<number, Inbox>()
  let last = 0
  const ask = (what: object) =>
    new Promise<void>((resolve, reject) => {
      const call = ++last
      calls.set(call, ({ error }) => (error ? reject(new Error(error)) : resolve()))
      child.stdin.write(`${JSON.stringify({ call, ...what })}\n`)
      void child.stdin.flush()
    })
  const hear = (answer: Answer) => {
    if (answer.call !== undefined) calls.get(answer.call)?.(answer)
    else inboxes.get(answer.consumer ?? 0)?.add(answer)
  }
  const listening = listen(child.stdout, hear).then(() => {
    for (const settle of calls.values()) settle({ error: 'Python has ended' })
  })
  return {
    produce: async (topic, options = {}) => {
      const id = ++last
      await ask({ do: 'produce', id, topic, ...options })
      return { send: (messages) => ask({ do: 'send', id, messages }) }
    },
    consume: async (topic, { subscription = 'python', type = 'Shared', schema } = {}) => {
      const id = ++last
      const inbox = new Inbox()
      inboxes.set(id, inbox)
      await ask({ do: 'consume', id, topic, subscription, type, schema })
      return inbox
    },
    [Symbol.asyncDispose]: async () => {
      void child.stdin.end()
      await Promise.all([listening, child.exited])
    },
  }
}

class Inbox implements PythonConsumer {
  readonly messages: Message[] = []
  #error: string | undefined
  #waiting: (() => void)[] = []

  add({ message, error }: Answer): void {
    if (message) this.messages.push(message)
    this.#error ??= error
    for (const look of this.#waiting.splice(0)) look()
  }

  async received(count: number): Promise<readonly Message[]> {
    while (this.messages.length < count) {
      if (this.#error) throw new Error(this.#error)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.messages
  }
}

const listen = async (out: ReadableStream<Uint8Array>, hear: (answer: Answer) => void) => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of out) {
    text += decoder.decode(chunk, { stream: true })
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) hear(JSON.parse(line) as Answer)
  }
}
