import type { SeededColumn } from './table-columns.ts'

/**
 * A generated value. Text is a byte string: one character per UTF-8 byte, so that its length is its size in
 * the file and it is copied without encoding.
 */
export type CellValue = string | number | null

const serialTypes = new Float64Array(64)
const largestHeaderBytes = 127

function integerSerialType(value: number): number {
  if (value === 0) return 8
  if (value === 1) return 9
  const magnitude = value < 0 ? -value - 1 : value
  if (magnitude < 0x80) return 1
  if (magnitude < 0x8000) return 2
  if (magnitude < 0x80_0000) return 3
  if (magnitude < 0x8000_0000) return 4
  return magnitude < 0x8000_0000_0000 ? 5 : 6
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]

function serialType(value: CellValue, column: SeededColumn): number {
  if (value === null) return 0
  if (typeof value === 'string') return 13 + 2 * value.length
  // SQLite stores a real number without a fraction as an integer, to save space.
  if (column.kind === 'integer' || Number.isInteger(value)) return integerSerialType(value)
  return 7
}

const varintBytes = (value: number): number => {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  let bytes = 3
  for (let rest = Math.floor(value / 0x20_0000); rest > 0; rest = Math.floor(rest / 128)) bytes += 1
  return bytes
}

/** Writes SQLite's variable-length integer (below 2^53); returns the offset after it. */
export function writeVarint(buffer: Buffer, offset: number, value: number): number {
  if (value < 0x80) {
    buffer[offset] = value
    return offset + 1
  }
  const bytes = varintBytes(value)
  let rest = value
  for (let index = bytes - 1; index >= 0; index -= 1) {
    buffer[offset + index] = (rest % 128) | (index === bytes - 1 ? 0 : 0x80)
    rest = Math.floor(rest / 128)
  }
  return offset + bytes
}

function writeNumber(buffer: Buffer, offset: number, value: number, type: number): number {
  if (type === 7) return buffer.writeDoubleBE(value, offset)
  const bytes = integerBytes[type]!
  if (bytes === 8) return buffer.writeBigInt64BE(BigInt(value), offset)
  return buffer.writeIntBE(value, offset, bytes)
}

/** Writes the values behind a record's header. Texts in a row are written at once, which is most of the speed. */
function writeBody(buffer: Buffer, start: number, row: readonly CellValue[]): number {
  let offset = start
  let text = ''
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index]!
    const type = serialTypes[index]!
    if (typeof value === 'string') {
      text += value
    } else if (value !== null && integerBytes[type]! > 0) {
      if (text !== '') offset += buffer.write(text, offset, 'latin1')
      text = ''
      offset = writeNumber(buffer, offset, value, type)
    }
  }
  return text === '' ? offset : offset + buffer.write(text, offset, 'latin1')
}

/** An upper bound of the bytes that `writeCell` writes for a row. */
export function cellBound(row: readonly CellValue[]): number {
  let bytes = 32
  for (const value of row) bytes += typeof value === 'string' ? value.length + 6 : 14
  return bytes
}

/**
 * Writes a row as a cell of a table's leaf page: size of the record, rowid, record (SQLite file format,
 * sections 1.6 and 2.1). The same bytes are the canonical form of the row in digests.
 * Returns the offset after the cell.
 */
export function writeCell(
  buffer: Buffer,
  start: number,
  rowid: number,
  columns: readonly SeededColumn[],
  row: readonly CellValue[],
): number {
  let headerBytes = 1
  let bodyBytes = 0
  for (let index = 0; index < columns.length; index += 1) {
    const type = serialType(row[index]!, columns[index]!)
    serialTypes[index] = type
    headerBytes += varintBytes(type)
    bodyBytes += type >= 13 ? (type - 13) / 2 : integerBytes[type]!
  }
  if (headerBytes > largestHeaderBytes) throw new RangeError('a row has too many columns for one header byte')
  let offset = writeVarint(buffer, start, headerBytes + bodyBytes)
  offset = writeVarint(buffer, offset, rowid)
  offset = writeVarint(buffer, offset, headerBytes)
  for (let index = 0; index < columns.length; index += 1) {
    offset = writeVarint(buffer, offset, serialTypes[index]!)
  }
  return writeBody(buffer, offset, row)
}
