import { PromiseBroken, type Outcome, type Trial } from './trial.ts'
import { makeWorkspace, removeWorkspace } from './workspace.ts'

/** Makes a trial in a workspace of its own, which is kept, and `kept` told of, when a promise was broken. */
export async function tryTrial(trial: Trial, kept?: (root: string) => void): Promise<Outcome> {
  const workspace = makeWorkspace()
  let isKept = false
  try {
    return await trial.run(workspace)
  } catch (error) {
    if (!(error instanceof PromiseBroken)) throw error
    isKept = kept !== undefined
    kept?.(workspace.root)
    const evidence = error.message.replaceAll(workspace.root, '…')
    return { status: 'broken', promise: error.promise, evidence }
  } finally {
    if (!isKept) removeWorkspace(workspace)
  }
}
