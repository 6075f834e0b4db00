import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listScenarios } from './built-in.ts'
import { loadScenario } from './load.ts'
import { referenceDatasets } from '../reference/dataset.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-scenarios-'))
})
afterAll(() => rm(folder, { recursive: true }))

const write = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const readmeExample = async (): Promise<string> => {
  const readme = await readFile(join(root, 'scenarios/README.md'), 'utf8')
  return /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
}

const messageOf = (name: string): Promise<string> =>
  loadScenario(name, referenceDatasets).then(
    () => 'loaded',
    (error: unknown) =>
      error instanceof Error && 'exit' in error && error.exit === 2
        ? error.message.replaceAll(folder, '…')
        : `not a UsageError: ${String(error)}`,
  )

describe('loadScenario', () => {
  test('a link is loaded from where it leads to: its imports lie there, and so do its mistakes', async () => {
    await mkdir(join(folder, 'far'), { recursive: true })
    await write('far/helper.ts', "export const title = 'from beside the file'\n")
    const text = (await readmeExample()).replace(/title: '[^']*'/, 'title')
    await write('far/linked.ts', `import { title } from './helper.ts'\n${text}`)
    await symlink(join(folder, 'far', 'linked.ts'), join(folder, 'link.ts'))
    const { id, path, scenario } = await loadScenario(join(folder, 'link.ts'), referenceDatasets)
    expect({ id, path, title: scenario.title }).toEqual({
      id: 'link',
      path: join(folder, 'link.ts'),
      title: 'from beside the file',
    })
    await write('far/broken.ts', '\nthrow new Error("no")\n')
    await symlink(join(folder, 'far', 'broken.ts'), join(folder, 'broken-link.ts'))
    expect(await messageOf(join(folder, 'broken-link.ts'))).toBe(
      '…/broken-link.ts:2: throws while it loads: no',
    )
  })

  test('every scenario of ours loads by its id', async () => {
    const files = await listScenarios()
    expect(files.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'indexes/composite',
        'indexes/covering',
        'indexes/partial',
        'keys/uuid-storage',
      ]),
    )
    for (const { id, path } of files)
      expect(await loadScenario(id, referenceDatasets)).toMatchObject({ id, path })
  })

  test('a scenario of ours keeps its id when it is named by its path', async () => {
    expect((await loadScenario(join(root, 'scenarios/indexes/composite.ts'), referenceDatasets)).id).toBe(
      'indexes/composite',
    )
  })

  test('the example of the README loads from anywhere on the disk, and passes the type checker', async () => {
    const text = await readmeExample()
    const path = await write('my-scenario.ts', text)
    const loaded = await loadScenario(path, referenceDatasets)
    expect(loaded).toMatchObject({
      id: 'my-scenario',
      path,
      fileDigest: createHash('sha256').update(text).digest('hex'),
    })
    const program = ts.createProgram([path], {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      exactOptionalPropertyTypes: true,
      allowImportingTsExtensions: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      types: [],
      paths: { forgebench: [join(root, 'src/index.ts')] },
    })
    const messages = ts
      .getPreEmitDiagnostics(program)
      .map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'))
    expect(messages).toEqual([])
  })

  test.each([
    [
      'syntax.ts',
      "export default {\n  title: 'a'\n  why: 'b',\n}\n",
      'syntax.ts:3: syntax error: Unexpected token',
    ],
    [
      'throws.ts',
      "interface A { a: string }\n\nthrow new Error('first\\nsecond')\n",
      'throws.ts:3: throws while it loads: first',
    ],
    ['text.ts', "throw 'just text'\n", 'text.ts: throws while it loads: just text'],
    [
      'import.ts',
      "import './gone.ts'\nexport default 1\n",
      'import.ts: cannot find its import ./gone.ts; check',
    ],
    [
      'package.ts',
      "import 'no-such-package-here'\n",
      'package.ts: cannot find its import no-such-package-here; ins',
    ],
    ['named.ts', 'export const scenario = {}\n', 'named.ts: has no default export; write: export default'],
    ['empty.ts', '', 'empty.ts: has no default export'],
    ['number.ts', 'export default 5\n', 'number.ts: default export: must be object, not number'],
  ])('%s is one clear line', async (name, text, message) => {
    const found = await messageOf(await write(name, text))
    expect(found).toContain(`…/${message}`)
    expect(found).not.toContain('\n')
  })

  test('a folder and a missing file are named as such', async () => {
    expect(await messageOf(folder)).toBe('…: is a folder; name a scenario file in it')
    expect(await messageOf(join(folder, 'gone.ts'))).toContain('…/gone.ts: no such file')
  })

  test('an unknown id gives the nearest, and how to see all', async () => {
    expect(await messageOf('indexes/compsite')).toContain(
      'did you mean indexes/composite? (see them with: forge',
    )
    expect(await messageOf('uuid')).toContain('no scenario uuid; did you mean')
    expect(await messageOf('partial')).toContain('did you mean indexes/partial?')
    expect(await messageOf('indexes')).toContain('it is a group: name indexes/composite or indexes/covering')
  })
})
