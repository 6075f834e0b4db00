import { basename } from 'node:path'
import { Command } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { prepareLoad, type PreparedLoad } from '../../engine/load/prepare-load.ts'
import { checkK6Arguments } from '../../load/k6/k6-arguments.ts'
import type { OperatorOptions } from '../../load/k6/operator-manifests.ts'
import { k6Tls } from '../../load/target/load-tls.ts'
import { wholeNumber } from '../console.ts'
import { warnPartsDoNotAbort } from './early-end.ts'
import { defaultConnectRate, loadOptionsOf, sentOptions, type SentFlags } from './options.ts'
import { printTo } from './result.ts'

interface OperatorFlags extends SentFlags {
  readonly parallelism: number
  readonly name: string
  readonly image?: string
  readonly tokenSecret?: string
  readonly archive?: string
  readonly volumeClaim?: string
  readonly out?: string
}

const help = `
Nothing is sent, and no cluster is contacted. forgebench load collect merges what the pods print.

Example:
  $ forgebench load k6-operator --url https://staging.example.org --parallelism 4 > load.yaml`

/** `forgebench load k6-operator`: the manifests of a load from pods. */
export const operatorCommand = (): Command =>
  sentOptions(
    new Command('k6-operator')
      .summary('print the manifests of a load from the pods of a cluster')
      .description('Prints a TestRun of k6-operator, and a ConfigMap with its files, for kubectl apply -f -')
      .argument('[k6-args...]', 'after --: arguments for k6'),
  )
    .option('--parallelism <n>', 'pods that share the load', wholeNumber(1, 1000), 2)
    .option('--name <name>', 'name of the TestRun and of its ConfigMap', 'forgebench-load')
    .option('--image <image>', 'image of the pods; default: the k6 that our scripts are tested with')
    .option('--token-secret <name/key>', 'secret of the cluster with the token of --auth-token-env')
    .option('--archive <file>', 'write an archive of k6, for a load that a ConfigMap cannot hold')
    .option('--volume-claim <name>', 'volume that you put the archive on')
    .option('--out <file>', 'where the manifests go (default: stdout)')
    .addHelpText('after', help)
    .action(printManifests)

async function printManifests(toolArgs: readonly string[], flags: OperatorFlags): Promise<void> {
  checkK6Arguments(toolArgs)
  const sender = { engine: 'k6', connectRate: defaultConnectRate } as const
  const prepared = await prepareLoad(flags.profile, loadOptionsOf(flags, sender), flags.threshold)
  warnPartsDoNotAbort(prepared)
  const { k6OperatorManifests } = await import('../../load/k6/operator-manifests.ts')
  const { plan, thresholds } = prepared
  const { name, parallelism, image, tokenSecret } = flags
  const manifests = k6OperatorManifests(plan, {
    name,
    parallelism,
    thresholds,
    args: [...k6Tls(plan.tls).args, ...toolArgs],
    source: await sourceOf(prepared, flags),
    ...(image === undefined ? {} : { image }),
    ...(tokenSecret === undefined ? {} : { tokenSecret: secretOf(tokenSecret) }),
  })
  await printTo(flags.out, manifests)
}

async function sourceOf(
  { plan, thresholds }: PreparedLoad,
  { archive, volumeClaim, parallelism }: OperatorFlags,
): Promise<OperatorOptions['source']> {
  if ((archive === undefined) !== (volumeClaim === undefined)) {
    throw new UsageError(
      'OPERATOR_VOLUME',
      '--archive and --volume-claim go together: the pods read the archive from the volume that you put it on',
    )
  }
  if (archive === undefined || volumeClaim === undefined) {
    const { flatFilesOf } = await import('../../load/k6/flat-files.ts')
    return { kind: 'files', ...(await flatFilesOf(plan)) }
  }
  const { writeK6Archive } = await import('../../load/k6/k6-archive.ts')
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
