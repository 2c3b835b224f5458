import { readFileSync } from 'node:fs';

/** What this package's package.json says of it. */
export function packageFacts(): { version: string; description: string } {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return JSON.parse(file) as { version: string; description: string };
}
