import { access, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../../core/errors.ts'
import { temporaryFolderError } from '../../core/temporary-folder-error.ts'
import { scenariosFolder } from '../../scenario/built-in.ts'
import { shownPath } from '../../scenario/script-file.ts'
import type { LoadPlan } from '../load-plan.ts'

/** Our own glue, which every script of ours imports. */
const glue = join(scenariosFolder, 'load', 'k6.ts')

/**
 * The script that k6 runs for a plan: the one beside a profile of ours (`prompts-api.k6.ts`), else one that is written
 * into `folder` and imports the user's profile from where it is. Returns its absolute path.
 */
export async function k6ScriptFor({ profilePath }: LoadPlan, folder: string): Promise<string> {
  const own = profilePath.replace(/\.ts$/, '.k6.ts')
  if (profilePath.startsWith(scenariosFolder) && (await exists(own))) return own
  const path = join(folder, 'load.k6.ts')
  await writeFile(path, scriptText(asImport(glue), asImport(profilePath), asImport(profilePath)))
  return path
}

/** For what the temporary folder refuses: one line with what to do. */
export function refuseFolder(error: unknown): never {
  throw temporaryFolderError('k6', tmpdir(), error)
}

/** A script that drives a profile; `profileFile` is what it opens to tell the profile's digest. */
export const scriptText = (glueImport: string, profileImport: string, profileFile: string): string =>
  `import { k6Script } from ${JSON.stringify(glueImport)}
import profile from ${JSON.stringify(profileImport)}

const script = k6Script(profile, {
  profile: () => open(${JSON.stringify(profileFile)}),
  data: () => open(__ENV['DATA'] || './' + profile.data?.file),
})

export const { options, handleSummary } = script
export default script.request
`

const asImport = (path: string): string => (process.platform === 'win32' ? pathToFileURL(path).href : path)

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The error for a profile that imports what k6 does not have. */
export const k6CannotImport = (profilePath: string, specifier: string): UsageError =>
  new UsageError(
    'PROFILE_IMPORT',
    `${shownPath(profilePath)}: k6 cannot import ${specifier}: a profile imports types (import type … from 'forgebench') and files beside it by their real name (./x.ts)`,
  )
