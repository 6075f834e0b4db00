/**
 * The calibration server as a process of its own. Prints one line of JSON with its ports, and ends when its input
 * does, so that it cannot outlive whoever started it. Usage: calibration.process.ts [port] [control port]
 */
import type { AddressInfo } from 'node:net'
import { CalibrationServer } from './calibration-server.ts'
import { startControlServer } from './control-server.ts'

const [port = 0, controlPort = 0] = process.argv.slice(2).map(Number)
const calibration = await CalibrationServer.start(port)
const control = await startControlServer(calibration, controlPort)
process.stdout.write(
  `${JSON.stringify({ port: calibration.port, controlPort: (control.address() as AddressInfo).port })}\n`,
)
process.stdin.resume()
process.stdin.once('end', () => {
  control.close()
  control.closeAllConnections()
  void calibration.stop()
})
