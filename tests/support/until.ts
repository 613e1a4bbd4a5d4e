/** Asks again and again until `question` answers with something truthy; fails after the deadline. */
export async function until<T>(question: () => Promise<T> | T, deadlineMs = 10_000): Promise<T> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const answer = await question()
    if (answer) return answer
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${question}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
