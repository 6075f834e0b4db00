export type { SqlValue } from './target/connection.ts'
