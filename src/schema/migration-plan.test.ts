import { expect, it } from 'vitest'
import { planMigrations } from './migration-plan.ts'
import { readMigrations } from './migration.ts'
import { emptySchemaState, type SchemaState } from './schema-state.ts'
import { migrationsFolder } from '../reference/migrations-folder.ts'

const migrations = await readMigrations(migrationsFolder)

const applied = (...ids: readonly string[]): SchemaState => ({
  ...emptySchemaState,
  record: ids.map((id) => ({
    id,
    checksum: migrations.find((migration) => migration.id === id)?.checksum ?? 'none',
    appliedAt: '2026-01-01 00:00:00',
  })),
})
const up = (state: SchemaState, ...names: readonly string[]): readonly string[] =>
  planMigrations(migrations, state, { direction: 'up', names }).steps.map(({ migration }) => migration.id)
const down = (state: SchemaState, name?: string): readonly string[] =>
  planMigrations(migrations, state, { direction: 'down', name }).steps.map(({ migration }) => migration.id)

it('puts dependencies first, and a migration that rebuilds tables before those that index them', () => {
  expect(up(emptySchemaState, 'composite-indexes-better', 'binary-uuids', 'initial')).toEqual([
    'initial',
    'binary-uuids',
    'composite-indexes-better',
  ])
})

it('skips what is applied and names it', () => {
  const plan = planMigrations(migrations, applied('initial'), { direction: 'up', names: ['initial'] })
  expect(plan).toEqual({ steps: [], already: ['initial'] })
})

it('takes down the last applied, or nothing', () => {
  expect(down(applied('initial', 'covering-index', 'partial-indexes'))).toEqual(['partial-indexes'])
  expect(down(applied('initial', 'covering-index', 'partial-indexes'), 'covering-index')).toEqual([
    'covering-index',
  ])
  expect(down(emptySchemaState)).toEqual([])
})

it.each<[string, () => unknown, RegExp]>([
  ['MIGRATION_UNKNOWN', () => up(emptySchemaState, 'composit-indexes'), /did you mean «composite-indexes»\?/],
  [
    'MIGRATION_NEEDS',
    () => up(emptySchemaState, 'covering-index'),
    /forgebench migrate up initial covering-index$/,
  ],
  [
    'MIGRATION_CONFLICT',
    () => up(applied('initial', 'composite-indexes'), 'composite-indexes-better'),
    /both make or drop idx_evaluations_prompt_created; use one/,
  ],
  [
    'MIGRATION_CONFLICT',
    () => up(emptySchemaState, 'initial', 'partial-indexes-better', 'composite-indexes-better'),
    /both make or drop idx_prompts_user_active_created/,
  ],
  [
    'MIGRATION_ORDER',
    () => up(applied('initial', 'covering-index'), 'binary-uuids'),
    /first run: forgebench migrate down covering-index/,
  ],
  [
    'MIGRATION_NEEDED',
    () => down(applied('initial', 'covering-index'), 'initial'),
    /migrate down covering-index/,
  ],
  [
    'MIGRATION_NEEDED',
    () => down(applied('initial', 'binary-uuids', 'covering-index'), 'binary-uuids'),
    /covering-index stands on «binary-uuids»/,
  ],
  ['MIGRATION_NOT_APPLIED', () => down(applied('initial'), 'covering-index'), /applied: initial$/],
  ['RECORD_INCOMPLETE', () => up(applied('covering-index'), 'initial'), /«covering-index» without «initial»/],
  [
    'RECORD_UNKNOWN',
    () => up(applied('from-the-future'), 'initial'),
    /«from-the-future», which is no migration/,
  ],
])('refuses in one line: %s', (code, plan, reason) => {
  expect(plan).toThrow(
    expect.objectContaining({ code, exit: 2, message: expect.stringMatching(reason) as string }),
  )
  expect(plan).not.toThrow(/\n/)
})
