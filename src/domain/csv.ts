/** Comma-separated values as RFC 4180 has them, harmless in a spreadsheet. */

export function csvRecord(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(harmless(cell))).join(',')}\r\n`;
}

/** What begins like a formula is run by the spreadsheet that opens it: an apostrophe makes it text. */
function harmless(cell: string): string {
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
