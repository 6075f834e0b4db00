import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nearestMigrations } from './migrations-folder.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'forgebench-nearest-')))
const migrationIn = (...folders: readonly string[]): string => {
  const migrations = join(root, ...folders, 'migrations')
  mkdirSync(join(migrations, 'one'), { recursive: true })
  writeFileSync(join(migrations, 'one', 'migration.json'), '{}')
  return migrations
}

beforeAll(() => {
  mkdirSync(join(root, 'repository', '.git'), { recursive: true })
  mkdirSync(join(root, 'repository', 'package', 'bench', 'migrations', 'sql'), { recursive: true })
  writeFileSync(join(root, 'repository', 'package', 'bench', 'migrations', '001.sql'), '')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('the migrations of a project', () => {
  const scenario = join(root, 'repository', 'package', 'bench', 'x.ts')

  test('are the nearest above the scenario that are ours, not those of another tool', async () => {
    expect(await nearestMigrations(scenario)).toBeUndefined()
    const ofRepository = migrationIn('repository')
    expect(await nearestMigrations(scenario)).toBe(ofRepository)
    const ofPackage = migrationIn('repository', 'package')
    expect(await nearestMigrations(scenario)).toBe(ofPackage)
  })

  test('are not looked for above the repository, or above the folder that is named', async () => {
    migrationIn('.')
    const outside = join(root, 'repository', 'x.ts')
    rmSync(join(root, 'repository', 'migrations'), { recursive: true })
    expect(await nearestMigrations(outside)).toBeUndefined()
    rmSync(join(root, 'repository', 'package', 'migrations'), { recursive: true })
    expect(await nearestMigrations(scenario, join(root, 'repository', 'package'))).toBeUndefined()
  })

  test('of a link are those beside it, else those beside the file that it leads to', async () => {
    const elsewhere = join(root, 'elsewhere')
    mkdirSync(join(elsewhere, '.git'), { recursive: true })
    const file = join(root, 'repository', 'shared', 'x.ts')
    mkdirSync(join(root, 'repository', 'shared'), { recursive: true })
    writeFileSync(file, '')
    const link = join(elsewhere, 'linked.ts')
    symlinkSync(file, link)
    const besideFile = migrationIn('repository', 'shared')
    expect(await nearestMigrations(link)).toBe(besideFile)
    const besideLink = migrationIn('elsewhere')
    expect(await nearestMigrations(link)).toBe(besideLink)
  })
})
