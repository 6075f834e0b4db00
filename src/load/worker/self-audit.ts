import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { LoadWorker } from '../../run/load-run.ts'

const resolutionMs = 10

/** Watches this process while it sends; the function that it returns ends that and says what was seen. */
export function startAudit(): () => LoadWorker {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  const cpuBefore = process.cpuUsage()
  const loopBefore = performance.eventLoopUtilization()
  const startedMs = performance.now()
  return () => {
    delay.disable()
    const seconds = (performance.now() - startedMs) / 1000
    const { user, system } = process.cpuUsage(cpuBefore)
    // What it measures is the time between two of its own timers.
    const lagNs = (measuredNs: number): number => Math.max(0, Math.round(measuredNs - resolutionMs * 1e6))
    return {
      cpuShare: (user + system) / 1e6 / seconds,
      loopUtilization: performance.eventLoopUtilization(loopBefore).utilization,
      loopLagP99Ns: lagNs(delay.percentile(99)),
      loopLagMaxNs: lagNs(delay.max),
      maxRssBytes: process.resourceUsage().maxRSS * 1024,
    }
  }
}
