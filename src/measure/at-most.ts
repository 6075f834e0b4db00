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
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < tasks.length && failures.length === 0) {
      const index = next++
      try {
        results.set(index, await run(tasks[index] as T))
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  if (failures.length > 0) throw failures[0]
  return tasks.map((_, index) => results.get(index) as R)
}
