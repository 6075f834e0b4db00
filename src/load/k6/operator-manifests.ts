import { stringify } from 'yaml'
import { UsageError } from '../../core/errors.ts'
import { plannedSeconds } from '../../core/load-stages.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import type { LoadPlan } from '../load-plan.ts'
import type { FlatFiles } from './flat-files.ts'
import { operatorVariables } from './k6-variables.ts'

export interface OperatorOptions {
  /** Name of the TestRun and of its ConfigMap: lower case, digits and hyphens. */
  readonly name: string
  /** Pods that share the load. */
  readonly parallelism: number
  readonly thresholds: LoadRun['thresholds']
  /** What the pods run: files in a ConfigMap, or an archive of k6 on a volume. */
  readonly source:
    | ({ readonly kind: 'files' } & FlatFiles)
    | { readonly kind: 'archive'; readonly volumeClaim: string; readonly file: string }
  /** Where the bearer token is, for a plan with a `tokenEnv`. */
  readonly tokenSecret?: { readonly name: string; readonly key: string }
  readonly image?: string
  /** Further arguments for k6. */
  readonly args?: readonly string[]
}

/** The version that the scripts are tested with. */
export const k6Image = 'grafana/k6:2.2.0'

/** Bytes that Kubernetes lets a ConfigMap hold. */
const configMapLimitBytes = 1_048_576

/**
 * The manifests of a load for k6-operator, as YAML: a TestRun, and a ConfigMap with its files. Every pod runs its share
 * of the sequence and prints a summary for `forgebench load collect`.
 * @throws UsageError for a load that so many pods cannot share, files that are too large, or a missing secret
 */
export function k6OperatorManifests(plan: LoadPlan, options: OperatorOptions): string {
  check(plan, options)
  const { source, name } = options
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'forgebench' } },
    data: source.kind === 'files' ? source.files : {},
  }
  const documents = source.kind === 'files' ? [configMap, testRun(plan, options)] : [testRun(plan, options)]
  const yaml = documents.map((document) => stringify(document, { lineWidth: 0 }))
  return `${instructions(plan, options)}${yaml.join('---\n')}`
}

function check(plan: LoadPlan, { name, parallelism, source, tokenSecret }: OperatorOptions): void {
  if (!/^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/.test(name)) {
    throw new UsageError(
      'OPERATOR_NAME',
      `${name} is no name for a TestRun; write lower-case letters, digits and hyphens, at most 52`,
    )
  }
  const users = plan.model.kind === 'closed-model' ? plan.model.users : plan.connections
  if (!Number.isInteger(parallelism) || parallelism < 1 || parallelism > users) {
    throw new UsageError(
      'OPERATOR_PARALLELISM',
      `${users} connections cannot be shared by ${parallelism} pods; give each pod at least one`,
    )
  }
  if (plan.tokenEnv !== null && tokenSecret === undefined) {
    throw new UsageError(
      'OPERATOR_SECRET',
      'pods read the token from a secret of the cluster; name it, such as --token-secret api-token/token',
    )
  }
  if (source.kind === 'archive') return
  const bytes = Object.values(source.files).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > configMapLimitBytes) {
    throw new UsageError(
      'OPERATOR_SIZE',
      `the files are ${bytes} bytes, and a ConfigMap holds ${configMapLimitBytes}; write an archive of k6 with --archive load.tar`,
    )
  }
}

function testRun(plan: LoadPlan, options: OperatorOptions): object {
  const { name, parallelism, source, args = [], image = k6Image } = options
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: { name, labels: { app: 'forgebench' } },
    spec: {
      parallelism,
      // Pods on one node would share its cores, and be slow together.
      separate: true,
      script:
        source.kind === 'files'
          ? { configMap: { name, file: source.script } }
          : { volumeClaim: { name: source.volumeClaim, file: source.file } },
      ...(args.length === 0 ? {} : { args }),
      runner: { image, env: environment(plan, options), resources: resources(plan, parallelism) },
    },
  }
}

function environment(plan: LoadPlan, { source, tokenSecret, ...load }: OperatorOptions): readonly object[] {
  const variables = {
    ...operatorVariables(plan, load),
    ...(source.kind === 'files' ? { DATA: `./${source.data}` } : {}),
    K6_NO_USAGE_REPORT: 'true',
  }
  const token =
    plan.tokenEnv === null || tokenSecret === undefined
      ? []
      : [{ name: plan.tokenEnv, valueFrom: { secretKeyRef: { ...tokenSecret } } }]
  return [...Object.entries(variables).map(([name, value]) => ({ name, value })), ...token]
}

/** Requests a second for which a pod asks for a core, and megabytes for its virtual users and requests: ample. */
const ratePerCore = 2500
const mbPerUser = 0.5
const mbPerRequest = 0.0003

function resources(plan: LoadPlan, parallelism: number): object {
  const users = (plan.model.kind === 'closed-model' ? plan.model.users : plan.connections) / parallelism
  const rate = plan.model.kind === 'open-model' ? plan.model.ratePerSec : users * parallelism * 5
  const cores = Math.max(1, Math.ceil(rate / parallelism / ratePerCore))
  const requests = (rate / parallelism) * plannedSeconds(plan)
  const mb = Math.ceil((200 + users * mbPerUser + requests * mbPerRequest) / 64) * 64
  return {
    requests: { cpu: String(cores), memory: `${mb}Mi` },
    limits: { memory: `${mb * 2}Mi` },
  }
}

function instructions(plan: LoadPlan, { name, parallelism }: OperatorOptions): string {
  const patience = Math.ceil(plannedSeconds(plan) + plan.timeoutMs / 1000) + 300
  return [
    `Load of ${plan.url} by ${parallelism} pods of k6-operator.`,
    `  kubectl apply -f load.yaml`,
    `  kubectl wait --for=jsonpath='{.status.stage}'=finished testrun/${name} --timeout=${patience}s`,
    `  kubectl logs -l k6_cr=${name},runner=true --tail=-1 --max-log-requests=${parallelism} > pods.log`,
    `  forgebench load collect pods.log`,
  ]
    .map((line) => `# ${line}\n`)
    .join('')
}
