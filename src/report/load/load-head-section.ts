import { formatBytes, formatDecimal, formatInteger, plural } from '../../core/number-format.ts'
import type { LoadRun, LoadSettings } from '../../run/load-run.ts'
import { heading, list, span, type Block, type Detail, type Span } from '../render/document.ts'

/** Who sent what to whom, and how fast. */
export function loadHead(run: LoadRun, detail: Detail): readonly Block[] {
  const { environment: machine, measurement, profile, settings, target } = run
  const item = (name: string, text: string): readonly Span[] => [span(`${name}: `, 'dim'), span(text)]
  return [
    heading(1, span('forgebench', 'strong'), span(` load ${run.id}`)),
    ...list([
      item('target', [target.url, ...serverWords(target.server)].join(', ')),
      item(
        'profile',
        `${profile.id}, mix ${profile.mix} (${mixText(profile.requests)}), seed ${settings.seed}`,
      ),
      item(
        'load',
        [
          modelText(settings.model),
          stagesText(settings),
          connectionsText(settings),
          ...(measurement.segment === undefined ? [] : [`segment ${measurement.segment} of it`]),
        ].join(', '),
      ),
      item(
        'engine',
        `${measurement.tool.name} ${measurement.tool.version}, ${plural(settings.workers, 'worker')}, Node ${machine.node}`,
      ),
      item(
        'machine',
        `${machine.cpus} × ${machine.cpuModel}, ${formatBytes(machine.memoryBytes)}, ${machine.platform}${machine.ci ? ', CI' : ''}${loadText(machine)}`,
      ),
      ...(detail === 'full'
        ? [
            item('when', `${run.startedAt} to ${run.finishedAt}, forgebench ${run.forgebench}`),
            item('profile file', `SHA-256 ${profile.fileDigest}`),
            item('drawn rows', `SHA-256 ${profile.dataDigest}`),
          ]
        : []),
    ]),
  ]
}

const serverWords = (server: LoadRun['target']['server']): readonly string[] =>
  Object.entries(server).map(([name, value]) => (name === 'name' ? value : `${name} ${value}`))

function mixText(requests: LoadRun['profile']['requests']): string {
  const total = requests.reduce((sum, { weight }) => sum + weight, 0)
  return requests
    .filter(({ weight }) => weight > 0)
    .map(({ op, weight }) => `${op} ${formatDecimal((weight / total) * 100)} %`)
    .join(', ')
}

/** `500 req/s, uniform arrivals`. */
function modelText(model: LoadSettings['model']): string {
  switch (model.kind) {
    case 'open-model':
      return `${formatDecimal(model.ratePerSec)} req/s, ${model.spacing === 'poisson' ? 'Poisson' : 'uniform'} arrivals`
    case 'closed-model':
      return `${formatInteger(model.users)} users with think time between requests`
    case 'peak':
      return 'as fast as answers come'
  }
}

/** `3 s ramp + 17 s`: what is before the plus is warm-up where the settings say so. */
function stagesText({ stages, warmUpSeconds }: LoadSettings): string {
  const text = stages
    .map(({ seconds, fromLevel, toLevel }) =>
      fromLevel === toLevel ? `${formatDecimal(seconds)} s` : `${formatDecimal(seconds)} s ramp`,
    )
    .join(' + ')
  return warmUpSeconds === 0 ? text : `${text} (the first ${formatDecimal(warmUpSeconds)} s are warm-up)`
}

const connectionsText = ({ connections, timeoutMs }: LoadSettings): string =>
  `${formatInteger(connections)} connections, timeout ${formatDecimal(timeoutMs / 1000)} s`

/** What the engine has to say of itself, and the load on this machine before the run. */
export function loadNotes({ environment, measurement }: LoadRun): readonly Block[] {
  const busy = environment.loadAverage[0] ?? 0
  return list([
    ...measurement.notes.map((note) => [span('note: ', 'dim'), span(note)]),
    ...(busy > environment.cpus
      ? [
          [
            span('warning: ', 'warn'),
            span(`the machine was busy when the run began (load ${busy} on ${environment.cpus} cpus)`),
          ],
        ]
      : []),
  ])
}

/** Nothing of a machine that merged what others sent. */
const loadText = ({ loadAverage }: LoadRun['environment']): string =>
  loadAverage.length === 0 ? '' : `, load ${loadAverage.join(' ')}`
