import { closest } from 'fastest-levenshtein'
import { UsageError } from '../../../core/errors.ts'
import { loadScenarioFile, placeOfScenario, type LoadedScenario } from '../../../scenario/load.ts'
import type { Datasets } from '../../../scenario/resolve-dataset.ts'
import { withScratchFolder, type Scratch } from '../../../stage/scratch-folder.ts'
import type { GateSide, SideKind, SideOrder } from './gate-side.ts'
import { fileKind } from './side-file.ts'
import { gitKind } from './side-git.ts'
import { migrationsKind } from './side-migrations.ts'
import { serverKind } from './side-server.ts'
import { variantKind } from './side-variant.ts'

/** Everything that a side can be; a new kind is a file and a line here. */
const kinds: readonly SideKind[] = [variantKind, migrationsKind, gitKind, fileKind, serverKind]

/** The sides of a gate as a user names them. */
export interface SideSpecs {
  readonly baseline: string
  /** Absent beside `git:…`: the variant of the same name in the working tree. */
  readonly candidate: string | undefined
  /** Environment variables that hold the servers' tokens. */
  readonly baselineTokenEnv: string | null
  readonly candidateTokenEnv: string | null
}

export interface Sides {
  readonly baseline: GateSide
  readonly candidate: GateSide
}

/**
 * Reads the two sides of a gate, and gives them to `work`. What they need of the disk is gone afterwards.
 * @throws UsageError for a side that cannot be built, in one line; TargetError for a server that does not answer
 */
export const withSides = <T>(
  scenario: string,
  specs: SideSpecs,
  datasets: Datasets,
  work: (sides: Sides) => Promise<T>,
): Promise<T> =>
  withScratchFolder(async (scratch) => work(await readSides(scenario, specs, datasets, scratch)))

async function readSides(
  idOrPath: string,
  specs: SideSpecs,
  datasets: Datasets,
  scratch: Scratch,
): Promise<Sides> {
  const scenario = await placeOfScenario(idOrPath)
  let loaded: Promise<LoadedScenario> | undefined
  const working = (): Promise<LoadedScenario> => (loaded ??= loadScenarioFile(scenario, datasets))
  const baselineKind = kindOf('--baseline', specs.baseline)
  const candidateSpec = specs.candidate ?? sameVariant(specs.baseline, baselineKind)
  const candidateKind = kindOf('--candidate', candidateSpec)
  const order = (flag: SideOrder['flag'], spec: string, other: string | undefined): SideOrder => ({
    flag,
    spec,
    scenario,
    datasets,
    working,
    otherVariant: other,
    token:
      flag === '--baseline'
        ? { flag: '--baseline-auth-token-env', name: specs.baselineTokenEnv }
        : { flag: '--auth-token-env', name: specs.candidateTokenEnv },
    scratch,
  })
  const orders = [
    order('--baseline', specs.baseline, candidateKind.variantOf?.(candidateSpec)),
    order('--candidate', candidateSpec, baselineKind.variantOf?.(specs.baseline)),
  ] as const
  for (const [index, kind] of [baselineKind, candidateKind].entries()) {
    const { flag, token } = orders[index === 0 ? 0 : 1]
    if (token.name === null || kind === serverKind) continue
    throw new UsageError('GATE_TOKEN', `${token.flag} is for a server, but ${flag} is none`)
  }
  return {
    baseline: await baselineKind.read(orders[0]),
    candidate: await candidateKind.read(orders[1]),
  }
}

function sameVariant(baseline: string, kind: SideKind): string {
  const variant = kind.variantOf?.(baseline)
  if (kind === gitKind && variant !== undefined) return `variant:${variant}`
  throw new UsageError(
    'GATE_ARGUMENTS',
    kind === gitKind
      ? `--baseline ${baseline} names no variant, and there is no --candidate; write ${baseline}:<variant>`
      : 'gate compare needs --candidate beside this --baseline, such as --candidate variant:composite',
  )
}

function kindOf(flag: string, spec: string): SideKind {
  const kind = kinds.find(({ matches }) => matches(spec))
  if (kind !== undefined) return kind
  // What may hold a password is not repeated.
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(spec)?.[1] ?? ''
  const shown = spec.includes('://') ? `${scheme}://…` : spec
  const words = ['variant', 'migrations', 'git', 'file', 'http', 'https', 'ws', 'wss', 'libsql']
  const stored = spec.endsWith('.json') ? '; a stored Run is for forgebench gate counters' : ''
  const guess = scheme === '' ? stored : `; did you mean ${closest(scheme, words)}:?`
  throw new UsageError(
    'GATE_SIDE',
    `${flag} ${shown}: write ${kinds.map(({ form }) => form).join(', ')}${guess}`,
  )
}
