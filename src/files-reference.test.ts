import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

/**
 * `docs/FILES.md`: the fields of the files that users write, from the types of their schemas. A test compares it with the
 * committed file; `npx vitest run src/files-reference.test.ts -u` renews it.
 */
const chapters = [
  {
    title: 'A scenario',
    file: './scenario/scenario.ts',
    types: [
      'Scenario',
      'Variant',
      'ReadOperation',
      'WriteOperation',
      'TableDraw',
      'QueryDraw',
      'ArgumentContext',
    ],
  },
  {
    title: 'Claims that a scenario checks',
    file: './scenario/scenario.ts',
    types: ['ClaimCheck', 'ClaimPart', 'BytesOf'],
  },
  {
    title: 'A sweep',
    file: './scenario/sweep/sweep.ts',
    types: ['Sweep', 'SweepMetric', 'SweepPoint', 'SweepClaimCheck', 'SweepClaimPart', 'SweepValues'],
  },
  {
    title: 'What a sweep measures with',
    file: './scenario/sweep/sweep-context.ts',
    types: [
      'SweepContext',
      'SweepTargetOptions',
      'SweepConnectionOptions',
      'SweepTarget',
      'SweepStatements',
      'ClosedLoopOptions',
      'ClosedLoop',
    ],
  },
  { title: 'Work in the application', file: './scenario/scenario.ts', types: ['ClientWork'] },
  { title: 'A claim of claims.json', file: './scenario/claims-file.ts', types: ['Claim'] },
  { title: 'A budget', file: './scenario/budget.ts', types: ['Budget'] },
  {
    title: 'A dataset',
    file: './scenario/dataset.ts',
    types: [
      'Dataset',
      'DatasetFill',
      'GeneratorOrder',
      'GeneratedRow',
      'BuilderOrder',
      'DatasetIds',
      'NewIdContext',
      'DatasetApi',
      'ServedApi',
    ],
  },
  { title: 'Tables of a dataset', file: './schema/schema-source.ts', types: ['SchemaSource'] },
  { title: 'Values', file: './scenario/value.ts', types: ['Value', 'Tuple', 'IdKind'] },
  {
    title: 'A load profile',
    file: './scenario/load-profile/load-profile.ts',
    types: ['LoadProfile', 'LoadRequest', 'LoadDraw', 'LoadTable', 'LoadStage', 'AbortingThreshold'],
  },
  { title: 'A price table', file: './cost/price-table.ts', types: ['PriceTable', 'PricePlan'] },
  { title: 'forgebench.config.ts', file: './config/config.ts', types: ['Config'] },
] as const

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

function filesReference(): string {
  const root = pathOf('../tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(root, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    pathOf('..'),
  )
  const program = ts.createProgram([...new Set(chapters.map(({ file }) => pathOf(file)))], options)
  const checker = program.getTypeChecker()

  const docOf = (symbol: ts.Symbol): string =>
    ts.displayPartsToString(symbol.getDocumentationComment(checker)).replaceAll(/\s+/g, ' ')

  const cell = (text: string): string => text.replaceAll('|', '\\|')

  /** As they were written: the checker's own order changes with what else it has read. */
  const comparePlaces = (a: ts.Symbol, b: ts.Symbol): number => {
    const [one, other] = [a, b].map((field) => field.declarations?.[0])
    const [file = '', otherFile = ''] = [one, other].map((place) => place?.getSourceFile().fileName)
    return file === otherFile ? (one?.pos ?? 0) - (other?.pos ?? 0) : file < otherFile ? -1 : 1
  }

  const { InTypeAlias, NoTruncation } = ts.TypeFormatFlags
  const writtenType = (type: ts.Type): string =>
    checker.typeToString(type, undefined, NoTruncation | InTypeAlias).replaceAll('readonly ', '')

  /** An object whose fields are ours; no text, list or bytes. */
  const hasFields = (type: ts.Type): boolean =>
    (type.flags & ts.TypeFlags.Object) !== 0 &&
    !checker.isArrayType(type) &&
    !checker.isTupleType(type) &&
    type.symbol.name !== 'Uint8Array'

  const isOptional = ({ flags }: ts.Symbol): boolean => (flags & ts.SymbolFlags.Optional) !== 0

  /** Fields of a field that has no type of its own to look up, where something is said of them. */
  const fieldsWithin = (field: ts.Symbol): readonly ts.Symbol[] => {
    const type = checker.getNonNullableType(checker.getTypeOfSymbol(field))
    const isNameless = type.aliasSymbol === undefined && !type.symbol?.name.match(/^[A-Z]/)
    return isNameless && !type.isUnion() && hasFields(type)
      ? checker.getPropertiesOfType(type).filter((each) => docOf(each) !== '')
      : []
  }

  const fieldRow = (field: ts.Symbol, above = ''): string => {
    const type = checker.typeToString(checker.getTypeOfSymbol(field), undefined, NoTruncation)
    const shown = isOptional(field) ? type.replace(/^undefined \| /, '').replace(/ \| undefined$/, '') : type
    return `| \`${above}${field.name}\`${isOptional(field) ? '' : ' *'} | \`${cell(shown.replaceAll('readonly ', ''))}\` | ${cell(docOf(field))} |`
  }

  const tableOf = (type: ts.Type): string =>
    [
      '| field | type | meaning |',
      '| --- | --- | --- |',
      ...checker
        .getPropertiesOfType(type)
        .toSorted(comparePlaces)
        .flatMap((field) => [
          fieldRow(field),
          ...fieldsWithin(field).map((each) => fieldRow(each, `${field.name}.`)),
        ]),
    ].join('\n')

  const typeText = (name: string, file: string): readonly string[] => {
    const source = program.getSourceFile(pathOf(file))
    const module = source && checker.getSymbolAtLocation(source)
    const found = module && checker.getExportsOfModule(module).find((each) => each.name === name)
    if (found === undefined) throw new Error(`${file} exports no ${name}`)
    const symbol = (found.flags & ts.SymbolFlags.Alias) === 0 ? found : checker.getAliasedSymbol(found)
    const type = checker.getDeclaredTypeOfSymbol(symbol)
    const forms = type.isUnion() ? type.types : [type]
    if (!forms.every(hasFields)) return [`### ${name}`, docOf(symbol), `\`${writtenType(type)}\``]
    return [`### ${name}`, docOf(symbol), ...(forms.length > 1 ? ['One of:'] : []), ...forms.map(tableOf)]
  }

  return `${[
    '# Files that you write',
    'A field with * must be there. Mistakes in a file are reported all at once, each with its place: `forgebench list ./my-scenario.ts`. [scenarios/README.md](../scenarios/README.md) shows how to write them.',
    ...chapters.flatMap(({ title, file, types }) => [
      `## ${title}`,
      ...types.flatMap((name) => typeText(name, file)),
    ]),
  ]
    .filter((text) => text !== '')
    .join('\n\n')}\n`
}

test('docs/FILES.md says of every field what its type says', async () => {
  await expect(filesReference()).toMatchFileSnapshot('../docs/FILES.md')
}, 60_000)
