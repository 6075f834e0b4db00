import type { Connection, ExplainRow, Row } from '../../target/connection.ts'
import type { Driver } from '../../target/driver.ts'
import { explainQueryPlan } from '../../target/explain.ts'

/** Connections through one driver to the files of a variant, each opened when it is first asked for. */
export class TaskConnections {
  readonly driver: Driver
  readonly #opened = new Map<string, Promise<Connection>>()

  constructor(driver: Driver) {
    this.driver = driver
  }

  /** @throws TargetError with a stable code */
  to(path: string, purpose: 'read' | 'write'): Promise<Connection> {
    const known = this.#opened.get(path)
    if (known !== undefined) return known
    const opened = this.driver.open(path, { readOnly: purpose === 'read' })
    this.#opened.set(path, opened)
    return opened
  }

  /** The plan of the engine that is measured; empty of one that tells none. @throws TargetError with a stable code */
  async explain(path: string, sql: string, args: Row): Promise<readonly ExplainRow[]> {
    if (this.driver.usesEmbeddedLibsql) return explainQueryPlan(path, sql, args)
    return (await (await this.to(path, 'read')).explain?.(sql, args)) ?? []
  }

  async close(): Promise<void> {
    for (const opened of this.#opened.values()) await (await opened.catch(() => undefined))?.close()
  }
}
