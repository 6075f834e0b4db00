import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { shownPath } from '../../scenario/script/script-file.ts'
import type { LoadPlan } from '../load-plan.ts'
import { k6CannotImport, k6ScriptPath, scriptText } from './k6-script.ts'

/** A script and everything that it imports and opens, side by side as a ConfigMap is mounted. */
export interface FlatFiles {
  /** Name of the script among the files. */
  readonly script: string
  /** Name of the drawn rows among the files. */
  readonly data: string
  /** Texts by file name. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * The files that k6 needs to run a plan anywhere.
 * @throws UsageError K6_FILES when they cannot lie side by side
 */
export async function flatFilesOf({ profilePath, dataPath }: LoadPlan): Promise<FlatFiles> {
  const profile = basename(profilePath)
  const data = basename(dataPath)
  const script = profile.replace(/(\.[^.]+)$/, '.k6.ts')
  const files = new Map<string, string>()
  const add = (name: string, text: string): void => {
    if (files.has(name) && files.get(name) !== text) throw notFlat(`two different files are named ${name}`)
    files.set(name, text)
  }
  add(script, scriptText(`./${flatName(k6ScriptPath)}`, `./${profile}`, `./${profile}`))
  for (const [name, text] of [...(await ownFiles()), ...(await withImports(profilePath))]) add(name, text)
  add(data, await readFile(dataPath, 'utf8'))
  return { script, data, files: Object.fromEntries(files) }
}

/** A file of ours among those of a user. */
const flatName = (path: string): string => `forgebench-${basename(path)}`

/** Our script for k6 and what it imports from several folders, by name. */
async function ownFiles(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const waiting = [k6ScriptPath]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    let text = await readFile(next, 'utf8')
    for (const specifier of importsOf(text).filter((each) => each.startsWith('.'))) {
      for (const quote of `'"`) {
        text = text.replaceAll(quote + specifier + quote, `'./${flatName(specifier)}'`)
      }
      waiting.push(join(dirname(next), specifier))
    }
    found.set(flatName(next), text)
  }
  return found
}

/** A file and what it imports from beside it, by name. */
async function withImports(path: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const waiting = [path]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(basename(next))) continue
    const text = await readFile(next, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(
        'PROFILE_IMPORT',
        `${shownPath(path)}: cannot read its import ${next} (${error.code})`,
      )
    })
    found.set(basename(next), text)
    for (const specifier of importsOf(text)) {
      if (!specifier.startsWith('.')) throw k6CannotImport(next, specifier)
      if (!/^\.\/[^/]+$/.test(specifier)) {
        throw notFlat(`${shownPath(next)} imports ${specifier}, which does not lie beside it`)
      }
      waiting.push(join(dirname(next), specifier))
    }
  }
  return found
}

/** What a module imports when types are stripped. */
export function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(?!type\b)((?:[^'";]*?\bfrom\s*)?)['"]([^'"]+)['"]/gm,
  )
  const isTypes = (clause: string): boolean => /^\{(\s*type\s[^,}]+,?)+\s*\}/.test(clause)
  return [...statements].flatMap(([, clause = '', specifier = '']) => (isTypes(clause) ? [] : [specifier]))
}

const notFlat = (why: string): UsageError =>
  new UsageError(
    'K6_FILES',
    `a ConfigMap holds files side by side, and ${why}; write an archive of k6 with --archive load.tar`,
  )
