export { defineConfig, defineLoadProfile, defineScenario, defineSweep } from './define.ts'
export { defineDataset } from './scenario/dataset.ts'
export type {
  Dataset,
  DatasetApi,
  DatasetFill,
  DatasetIds,
  GeneratedRow,
  GeneratorOrder,
  ServedApi,
} from './scenario/dataset.ts'
export type { SchemaSource } from './schema/schema-source.ts'
export type { Budget, BudgetMetric, PlanFact } from './scenario/budget.ts'
export type {
  ArgumentContext,
  ClaimCheck,
  ClaimPart,
  ClientWork,
  Draw,
  QueryDraw,
  Operation,
  ReadOperation,
  Scenario,
  Variant,
  WriteOperation,
} from './scenario/scenario.ts'
export type {
  Json,
  LoadData,
  LoadDraw,
  LoadMethod,
  LoadProfile,
  LoadRequest,
  LoadRow,
  LoadStage,
  LoadTable,
  PlannedRequest,
} from './scenario/load-profile/load-profile.ts'
export type {
  Sweep,
  SweepChangePart,
  SweepClaimCheck,
  SweepClaimPart,
  SweepLimitPart,
  SweepMetric,
  SweepPoint,
  SweepValues,
} from './scenario/sweep/sweep.ts'
export type {
  ClosedLoop,
  ClosedLoopOptions,
  SweepConnectionOptions,
  SweepContext,
  SweepStatements,
  SweepTarget,
  SweepTargetOptions,
} from './scenario/sweep/sweep-context.ts'
export type { Tuple, Value } from './scenario/value.ts'
export type { Config } from './config/config.ts'
