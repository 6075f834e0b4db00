import { PromiseBroken, type Outcome, type Trial } from './trial.ts'
import { makeWorkspace, removeWorkspace } from './workspace.ts'

/** Makes a trial in a workspace of its own, which is kept when `keep` says so and a promise was broken. */
export async function tryTrial(
  trial: Trial,
  keep: (root: string) => void = () => undefined,
): Promise<Outcome> {
  const workspace = makeWorkspace()
  let isKept = false
  try {
    return await trial.run(workspace)
  } catch (error) {
    if (!(error instanceof PromiseBroken)) throw error
    isKept = keep !== undefined
    keep?.(workspace.root)
    const evidence = error.message.replaceAll(workspace.root, '…')
    return { status: 'broken', promise: error.promise, evidence }
  } finally {
    if (!isKept) removeWorkspace(workspace)
  }
}
