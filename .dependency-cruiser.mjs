/**
 * The rooms of src/ and the doors between them. A room may import itself and what its row names: rooms, or one file of
 * a room. `scenario` enters `run/threshold` because a profile with a mistyped threshold must be refused when it is
 * loaded, and Runs, which are judged without the profile, hold thresholds too.
 */
const rooms = {
  core: [],
  stats: ['core'],
  random: ['core'],
  cost: ['core'],
  target: ['core'],
  scenario: [
    'core',
    'random',
    'run/threshold',
    'schema/nearest-above',
    'schema/migrations-folder',
    'schema/schema-source',
    'target/cache-folder',
    'target/drivers',
  ],
  config: ['core', 'scenario'],
  schema: ['core', 'target'],
  statistics: ['core', 'target', 'schema'],
  measure: ['core', 'stats', 'target', 'random'],
  run: ['core', 'cost', 'stats', 'measure', 'scenario', 'target/make-folder'],
  report: ['core', 'cost', 'stats', 'measure', 'run'],
  judge: ['core', 'cost', 'stats', 'measure', 'run', 'scenario/budget'],
  load: ['core', 'stats', 'random', 'measure', 'scenario', 'run', 'target/cache-folder'],
  reference: ['core', 'random', 'target', 'schema', 'scenario'],
  stage: ['core', 'random', 'target', 'schema', 'scenario', 'measure'],
  engine: [
    'core',
    'cost',
    'stats',
    'random',
    'target',
    'schema',
    'statistics',
    'scenario',
    'measure',
    'stage',
    'run',
    'load',
  ],
}

const doors = Object.entries(rooms).map(([room, neighbours]) => ({
  name: `${room}-doors`,
  comment: `src/${room} may enter only: ${neighbours.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: '[.]test[.]ts$' },
  to: { path: '^src/', pathNot: `^src/(${[room, ...neighbours].join('|')})(/|[.]ts$)` },
}))

/** Folders within a room, and what else of that room each may enter besides the files that lie in no folder. */
const subRooms = {
  'engine/draw': [],
  'engine/experiment': ['engine/draw'],
  'engine/run': ['engine/draw', 'engine/experiment'],
  'engine/gate/sides': [],
  // Budgets are measured as a run is.
  'engine/gate': ['engine/draw', 'engine/experiment', 'engine/run/measure-run'],
  'engine/load': ['engine/draw'],
  'engine/statistics': ['engine/draw'],
  // A comparison is loads in turns: it draws the same rows and counts the same tables.
  'engine/compare': ['engine/experiment', 'engine/load/draw-load-data', 'engine/load/row-counter'],
  'target/remote': [],
  'target/server': ['target/remote'],
  'target/proxy': [],
  'target/drivers': ['target/remote', 'target/server'],
  // Settings that are measured over rounds: of experiment it takes rounds and stages.
  'engine/sweep': ['engine/experiment'],
  'judge/claims': [],
  'judge/gate': [],
  'judge/load': ['judge/claims/judge-parts'],
  'judge/sweep': ['judge/claims/judge-parts'],
  'run/load': [],
  'run/gate': [],
  'run/files': [],
  'run/sweep': [],
  'schema/online': [],
  'scenario/script': [],
  'scenario/load-profile': ['scenario/script'],
  'scenario/sweep': ['scenario/script'],
  'reference/seed': [],
  'reference/api': [],
  'report/render': [],
  'report/run': ['report/render'],
  'report/gate': ['report/render'],
  'report/load': ['report/render', 'report/run/verdict-section'],
  'report/sweep': ['report/render', 'report/run/run-section', 'report/run/verdict-section'],
  'report/ci': ['report/render', 'report/gate'],
  'load/host': [],
  'load/target': [],
  'load/worker': ['load/target'],
  'load/open': ['load/worker', 'load/target'],
  'load/autocannon': ['load/open', 'load/worker'],
  'load/collect': ['load/worker'],
  'load/k6/script': [],
  'load/k6': ['load/worker', 'load/target', 'load/collect'],
}

const subDoors = Object.entries(subRooms).map(([folder, neighbours]) => ({
  name: `${folder.replaceAll('/', '-')}-doors`,
  comment: `src/${folder} may enter, of its own room, only: ${neighbours.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: '[.]test[.]ts$' },
  to: {
    path: `^src/${folder.split('/')[0]}/`,
    pathNot: [
      `^src/${folder.split('/')[0]}/[^/]+[.]ts$`,
      ...[folder, ...neighbours].map((each) => `^src/${each}(/|[.]ts$)`),
    ],
  },
}))

/** Folders of bench/, which measure different things: each may enter, of bench/, only itself and `text`. */
const benchDoors = ['estimators', 'gate', 'load', 'online', 'run', 'seed', 'text', 'torture'].map(
  (folder) => ({
    name: `bench-${folder}-doors`,
    comment: `bench/${folder} may enter, of bench/, only: text`,
    severity: 'error',
    from: { path: `^bench/${folder}/` },
    to: { path: '^bench/', pathNot: `^bench/(${folder}|text)/` },
  }),
)

const pureRooms = '^src/(core|stats|random|judge|report)/'

export default {
  forbidden: [
    ...doors,
    ...subDoors,
    ...benchDoors,
    {
      name: 'no-cycles',
      comment: 'A cycle means that two modules are one module in disguise.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'commands-do-not-meet',
      comment:
        'What two commands share belongs to a room below them. A command with modes has a folder: gate/compare.ts.',
      severity: 'error',
      from: { path: '^src/commands/([a-z]+)', pathNot: '[.]test[.]ts$|/program[.]ts$' },
      to: {
        path: '^src/commands/',
        pathNot:
          '^src/commands/($1(/[^/]+|[^/]*)|console|interruption|outcome|failure|project|save-run|run-progress|cost-options|driver-option)[.]ts$',
      },
    },
    {
      name: 'drivers-live-in-target',
      comment: 'Driver bugs are guarded in one place; a second importer would bypass the guards.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/target/' },
      to: { path: '^(node_modules/)?(@libsql|libsql|@tursodatabase|better-sqlite3)|^(node:)?sqlite$' },
    },
    {
      name: 'pure-rooms-touch-nothing',
      comment: 'Statistics, verdicts and reports are functions of values: no files, processes or sockets.',
      severity: 'error',
      from: { path: pureRooms, pathNot: '[.]test[.]ts$' },
      to: {
        dependencyTypes: ['core'],
        path: '^(node:)?(fs|fs/promises|child_process|worker_threads|net|http|https|os)$',
      },
    },
    {
      name: 'bench-is-not-shipped',
      comment:
        'bench/ measures forgebench itself and stays out of the package: it may import src, nothing in src imports it.',
      severity: 'error',
      from: { path: '^(src|scenarios)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'tests-are-leaves',
      comment: 'A test that others import is no longer a test.',
      severity: 'error',
      from: {},
      to: { path: '[.]test[.]ts$' },
    },
    {
      name: 'no-dev-dependency-in-src',
      comment: 'What src imports must be there after a production install.',
      severity: 'error',
      from: { path: '^src/', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'nothing-unreachable',
      comment:
        'Code that no entry reaches is dead. Forked processes and worker threads are entries of their own.',
      severity: 'error',
      from: {
        path: '^src/(cli|index)[.]ts$|^src/.+[.](process|worker)[.]ts$|[.]test[.]ts$|^bench/|^scenarios/',
      },
      to: {
        path: '^src/',
        reachable: false,
        pathNot: '[.]test[.]ts$|^src/(cli|index)[.]ts$|[.](process|worker)[.]ts$',
      },
    },
    {
      name: 'scenarios-see-the-front-door',
      comment:
        'A scenario of ours has no more power than a scenario of yours. A script for k6 imports what k6 itself can read.',
      severity: 'error',
      from: { path: '^scenarios/' },
      to: { path: '^src/', pathNot: '^src/(index|load/k6/script/k6-script)[.]ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
