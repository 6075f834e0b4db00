import { appendFile, stat } from 'node:fs/promises'
import { outside, outsideText } from '../../core/outside-text.ts'
import { gateFormats } from '../../report/formats.ts'
import { githubSummary, summaryBytes } from '../../report/ci/github-summary.ts'
import type { GateReport } from '../../report/ci/gate-report.ts'
import { print } from '../console.ts'

/**
 * In a step of GitHub Actions, adds the gate to the summary of the job and marks it with annotations. Neither may
 * change what the gate says: what cannot be written is a warning on stderr.
 */
export async function showOnGithub(
  report: GateReport,
  { toStdout }: { readonly toStdout: boolean },
): Promise<void> {
  if (process.env['GITHUB_ACTIONS'] !== 'true') return
  const annotations = gateFormats['github-annotations'](report)
  if (toStdout && annotations !== '') print(annotations)
  const file = process.env['GITHUB_STEP_SUMMARY']
  if (file === undefined || file === '') return
  try {
    // What other commands of this step have written counts too.
    const { size } = (await stat(file).catch(() => undefined)) ?? { size: 0 }
    await appendFile(file, githubSummary(outside(report), summaryBytes - size))
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    process.stderr.write(
      `forgebench: warning: the summary of the job was not written (${outsideText(cause)})\n`,
    )
  }
}
