/** @returns the flag of an option: 'batchSize' is '--batch-size' */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
