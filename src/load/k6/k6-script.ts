import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { UsageError } from '../../core/errors.ts'
import { temporaryFolderError } from '../../core/temporary-folder-error.ts'
import { shownPath } from '../../scenario/script/script-file.ts'
import type { LoadPlan } from '../load-plan.ts'

/** What every script for k6 imports: TypeScript from sources, which k6 reads itself, JavaScript where it is built. */
export const k6ScriptPath = fileURLToPath(
  new URL(`./script/k6-script${import.meta.url.slice(-3)}`, import.meta.url),
)

/** Writes the script for a plan, which imports the profile from where it is; returns its absolute path. */
async function writeK6Script({ profilePath }: LoadPlan, folder: string): Promise<string> {
  const path = join(folder, 'load.k6.ts')
  const profile = asImport(profilePath)
  await writeFile(path, scriptText(asImport(k6ScriptPath), profile, profile))
  return path
}

/**
 * Works in a private folder that holds the script of a plan, and is gone afterwards.
 * @throws UsageError in one line when the temporary folder refuses it
 */
export async function withK6Script<T>(
  plan: LoadPlan,
  work: (script: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `forgebench-k6-${process.pid}-`)).catch(refuseFolder)
  try {
    return await work(await writeK6Script(plan, folder).catch(refuseFolder), folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function refuseFolder(error: unknown): never {
  throw temporaryFolderError('k6', tmpdir(), error)
}

/** A script that drives a profile; `profileFile` is the file whose digest goes into the summary. */
export const scriptText = (helperImport: string, profileImport: string, profileFile: string): string =>
  `import { k6Script } from ${JSON.stringify(helperImport)}
import profile from ${JSON.stringify(profileImport)}

const script = k6Script(profile, {
  profile: () => open(${JSON.stringify(profileFile)}),
  data: () => open(__ENV['DATA'] || './' + profile.data?.file),
})

export const { options, handleSummary } = script
export default script.request
`

const asImport = (path: string): string => (process.platform === 'win32' ? pathToFileURL(path).href : path)

/** The error for a profile that imports what k6 does not have. */
export const k6CannotImport = (profilePath: string, specifier: string): UsageError =>
  new UsageError(
    'PROFILE_IMPORT',
    `${shownPath(profilePath)}: k6 cannot import ${specifier}: a profile imports types (import type … from 'forgebench') and files beside it by their real name (./x.ts)`,
  )
