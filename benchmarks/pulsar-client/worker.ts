import { createInterface } from 'node:readline'
import process from 'node:process'
import { Client } from '../../shared/pulsar/client.ts'
import type { Task } from './tasks.ts'
import { consume, endToEnd, fill, paced, produce, through, type Worked } from './workloads.ts'

/** Our client as a contestant, on whatever runtime runs this file: `worker.ts <service URL>`. */
const carryOut = (client: Client, task: Task): Promise<Worked> => {
  if (task.kind === 'produce') return produce(client, task)
  if (task.kind === 'paced') return paced(client, task)
  if (task.kind === 'fill') return fill(client, task)
  if (task.kind === 'consume') return consume(client, task)
  if (task.kind === 'through') return through(client, task)
  return endToEnd(client, task)
}

const main = async (serviceUrl: string) => {
  const client = new Client({ serviceUrl })
  for await (const line of createInterface({ input: process.stdin })) {
    const worked = await carryOut(client, JSON.parse(line) as Task)
    const memoryMiB = process.memoryUsage.rss() / 2 ** 20
    console.log(JSON.stringify({ ...worked, memoryMiB }))
  }
  await client.close()
}

if (import.meta.main) await main(process.argv[2] ?? '')
