import { answerParent } from '../../measure/child-process.ts'
import { replicateServer } from '../../target/remote/replicate.ts'
import type { ReplicationTask } from './local-copy.ts'

answerParent(async ({ location, authToken, path }: ReplicationTask) =>
  replicateServer(location, authToken, path),
)
