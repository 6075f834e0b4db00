import { formatDecimal, formatInteger, plural } from '../../core/number-format.ts'
import type { LoadRun, LoadSettings } from '../../run/load/load-run.ts'
import { heading, list, span, type Block, type Detail } from '../render/document.ts'
import { item, machineItem, modelText, originItems } from './head-items.ts'

/** Who sent what to whom, and how fast. */
export function loadHead(run: LoadRun, detail: Detail): readonly Block[] {
  const { environment: machine, measurement, profile, settings, target } = run
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
      machineItem(machine),
      ...originItems(run, detail),
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
  const warning = `the machine was busy when the run began (load ${busy} on ${environment.cpus} cpus)`
  return list([
    ...measurement.notes.map((note) => item('note', note)),
    ...(busy > environment.cpus ? [[span('warning: ', 'warn'), span(warning)]] : []),
  ])
}
