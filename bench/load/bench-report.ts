import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '../../src/core/number-format.ts'
import { readLimits } from '../../src/load/target/limits.ts'
import { machineStamp } from '../../src/run/environment.ts'
import type { OtherWork } from './other-work.ts'
import type { LoadTool } from './rivals/load-tool.ts'

export interface BenchReport {
  /** Of the file, such as `truth`. */
  readonly name: string
  readonly title: string
  /** How to print it again. */
  readonly command: string
  /** What the machine did besides. */
  readonly otherWork: OtherWork
  /** Of everything that took part. */
  readonly versions: readonly string[]
  /** Paragraphs and tables. */
  readonly sections: readonly string[]
}

/** Says on stderr what is being done, for a run of minutes. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Prints a report, and writes it as Markdown where a folder is given. */
export async function publish(report: BenchReport, folder: string | undefined): Promise<void> {
  const { name, title, command, otherWork, versions, sections } = report
  const text = [
    `$ ${command}`,
    ...(await machineLines()),
    `other work meanwhile: ${otherWork.others.toFixed(2)} processors, and ${otherWork.stolen.toFixed(2)} taken by the host`,
    `with: ${versions.join(', ')}`,
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
export const versionsOf = (tools: readonly LoadTool[]): readonly string[] =>
  [...new Map(tools.map((tool) => [tool.name, tool.version()]))].map(
    ([name, version]) => `${name} ${version ?? 'ABSENT (its rows are missing)'}`,
  )
