/**
 * Runs tasks, at most `limit` at once, in the order given; the results keep that order. The first failure stops
 * new tasks from starting and is thrown when those under way have ended.
 */
export async function atMost<T, R>(
  limit: number,
  tasks: readonly T[],
  run: (task: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>()
  const failures: unknown[] = []
  const waiting = tasks.entries()
  const worker = async (): Promise<void> => {
    // The workers share one iterator, so that each task is taken once.
    for (const [index, task] of waiting) {
      try {
        results.set(index, await run(task))
      } catch (error) {
        failures.push(error)
      }
      if (failures.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  if (failures.length > 0) throw failures[0]
  return tasks.map((_, index) => results.get(index) as R)
}
