import { basename } from 'node:path'
import { UsageError } from '../core/errors.ts'
import type { PreparedLoad } from '../engine/load/prepare-load.ts'
import type { OperatorOptions } from '../load/k6/operator-manifests.ts'
import { k6Tls } from '../load/target/load-tls.ts'
import type { LoadFlags } from './load-options.ts'

/**
 * The manifests of a load for k6-operator; with `--archive`, its archive is written, too.
 * @throws UsageError when flags are missing that a cluster needs
 */
export async function operatorManifests(
  { plan, thresholds }: PreparedLoad,
  flags: LoadFlags,
  args: readonly string[],
): Promise<string> {
  if (flags.print !== true) {
    throw new UsageError(
      'OPERATOR_PRINT',
      'forgebench does not speak to clusters; with --print it writes manifests for kubectl apply -f -',
    )
  }
  const { k6OperatorManifests } = await import('../load/k6/operator-manifests.ts')
  const { name, parallelism, image, tokenSecret } = flags
  if (plan.tls?.caFile != null) {
    throw new UsageError(
      'OPERATOR_CA',
      '--ca-file is a file of this machine, which pods do not have; use an --image that trusts the authority',
    )
  }
  return k6OperatorManifests(plan, {
    name,
    parallelism,
    thresholds,
    args: [...k6Tls(plan.tls).args, ...args],
    source: await sourceOf({ plan, thresholds }, flags),
    ...(image === undefined ? {} : { image }),
    ...(tokenSecret === undefined ? {} : { tokenSecret: secretOf(tokenSecret) }),
  })
}

async function sourceOf(
  { plan, thresholds }: Pick<PreparedLoad, 'plan' | 'thresholds'>,
  { archive, volumeClaim, parallelism }: LoadFlags,
): Promise<OperatorOptions['source']> {
  if ((archive === undefined) !== (volumeClaim === undefined)) {
    throw new UsageError(
      'OPERATOR_VOLUME',
      '--archive and --volume-claim go together: the pods read the archive from the volume that you put it on',
    )
  }
  if (archive === undefined || volumeClaim === undefined) {
    const { flatFilesOf } = await import('../load/k6/flat-files.ts')
    return { kind: 'files', ...(await flatFilesOf(plan)) }
  }
  const { writeK6Archive } = await import('../load/k6/k6-archive.ts')
  await writeK6Archive(plan, { path: archive, parallelism, thresholds })
  return { kind: 'archive', volumeClaim, file: basename(archive) }
}

function secretOf(text: string): { readonly name: string; readonly key: string } {
  const [, name, key] = /^([a-z0-9.-]+)\/([\w.-]+)$/.exec(text) ?? []
  if (name === undefined || key === undefined) {
    throw new UsageError(
      'OPERATOR_SECRET',
      '--token-secret takes the name of a secret and a key in it, such as api-token/token',
    )
  }
  return { name, key }
}
