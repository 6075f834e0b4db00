import type { DoseCell } from './resampled-gates.ts'

const width = 640
const height = 360
const left = 60
const right = 20
const top = 40
const bottom = 50
const colours = ['#2563eb', '#d97706', '#dc2626']

/** An SVG: how often a gate fails by how much slower one operation is, one line a condition. */
export function doseCurve(cells: readonly DoseCell[]): string {
  const largest = Math.max(...cells.map(({ dose }) => dose))
  const x = (dose: number): string => (left + (dose / largest) * (width - left - right)).toFixed(1)
  const y = (share: number): string => (top + (1 - share) * (height - top - bottom)).toFixed(1)
  const conditions = [...new Set(cells.map(({ condition }) => condition))]
  const lines = conditions.flatMap((condition, place) => {
    const colour = colours[place % colours.length]
    const points = cells
      .filter((cell) => cell.condition === condition)
      .map(({ dose, simulated: { statuses, gates, found } }) => ({
        dose,
        share: (dose === 0 ? statuses.fail : found) / gates,
      }))
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(({ dose, share }) => `${x(dose)},${y(share)}`).join(' ')}"/>`,
      ...points.map(({ dose, share }) => `<circle cx="${x(dose)}" cy="${y(share)}" r="3" fill="${colour}"/>`),
      text(left + 10, top + 18 + place * 18, condition, `fill="${colour}"`),
    ]
  })
  const shares = [0, 0.25, 0.5, 0.75, 1]
  const doses = [...new Set(cells.map(({ dose }) => dose))]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(
      width / 2,
      22,
      'Share of gates that fail, by how much slower one of three operations is',
      'text-anchor="middle"',
    ),
    ...shares.map(
      (share) => `<line x1="${left}" x2="${width - right}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/>`,
    ),
    ...shares.map((share) => text(left - 8, Number(y(share)) + 4, `${share * 100} %`, 'text-anchor="end"')),
    ...doses.map((dose) =>
      text(Number(x(dose)), height - bottom + 20, `+${Math.round(dose * 100)} %`, 'text-anchor="middle"'),
    ),
    text(width / 2, height - 10, 'exact change of every P95 of that operation', 'text-anchor="middle"'),
    ...lines,
    '</svg>\n',
  ].join('\n')
}

const text = (x: number, y: number, words: string, attributes: string): string =>
  `<text x="${x}" y="${y}" ${attributes}>${words}</text>`
