import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '../../src/core/number-format.ts'
import { readLimits } from '../../src/load/target/limits.ts'
import { machineStamp } from '../../src/run/environment.ts'
import { startCalibration, type Calibration } from './calibration/calibration.ts'
import { watchOtherWork } from './other-work.ts'
import type { LoadTool } from './rivals/load-tool.ts'

export interface LoadBench {
  /** Of the file and of the command, such as `truth`. */
  readonly name: string
  readonly title: string
  /** All that take part. */
  readonly tools: readonly LoadTool[]
  /** Paragraphs and tables. */
  readonly measure: (calibration: Calibration) => Promise<readonly string[]>
}

/** Says on stderr what is being done, for a run of minutes. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Measures beside a calibration server, prints what came of it, and writes it as Markdown where a folder is given. */
export async function publish(
  { name, title, tools, measure }: LoadBench,
  folder: string | undefined,
): Promise<void> {
  const otherWork = watchOtherWork()
  const calibration = await startCalibration()
  const sections = await measure(calibration)
  await calibration.stop()
  const { others, stolen } = otherWork()
  const text = [
    `$ npm run bench:load:${name}`,
    ...(await machineLines()),
    `other work meanwhile: ${others.toFixed(2)} processors, and ${stolen.toFixed(2)} taken by the host`,
    `with: ${versionsOf(tools).join(', ')}`,
    ...sections.flatMap((section) => ['', section]),
  ].join('\n')
  process.stdout.write(`${title}\n${text}\n`)
  if (folder === undefined) return
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.md`), `# ${title}\n\n\`\`\`text\n${text}\n\`\`\`\n`)
}

async function machineLines(): Promise<readonly string[]> {
  const { cpus, cpuModel, memoryBytes, platform, node } = machineStamp()
  const { openFilesLimit, portRange } = await readLimits()
  const somaxconn = readFileSync('/proc/sys/net/core/somaxconn', 'utf8').trim()
  return [
    `machine: ${cpus} × ${cpuModel}, shared by sender and server, ${formatBytes(memoryBytes)}, ${platform}, Node ${node}`,
    `limits: ${openFilesLimit ?? 'no limit of'} open files, ports ${portRange?.join(' to ') ?? 'unknown'}, somaxconn ${somaxconn}`,
    `date: ${new Date().toISOString().slice(0, 10)}`,
  ]
}

/** `k6 2.2.0`; of what is missing that it is, so that nobody takes an empty row for a result. */
const versionsOf = (tools: readonly LoadTool[]): readonly string[] =>
  [...new Map(tools.map((tool) => [tool.name, tool.version()]))].map(
    ([name, version]) => `${name} ${version ?? 'ABSENT (its rows are missing)'}`,
  )
