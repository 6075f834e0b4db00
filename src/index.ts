export { defineScenario } from './scenario/scenario.ts'
export type {
  ArgumentContext,
  ClaimCheck,
  ClaimPart,
  ClientWork,
  Draw,
  Operation,
  ReadOperation,
  Scenario,
  Tuple,
  Value,
  Variant,
  WriteOperation,
} from './scenario/scenario.ts'
