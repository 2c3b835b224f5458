import { otherNames } from './otherNames.js';

/** Single-character insertions, deletions and replacements that turn a into b. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(replaced, previous[j] + 1, current[j - 1] + 1);
    }
    previous = current;
  }
  return previous[b.length];
}

/** Characters of a name that may be meant for another; the distance takes time with their square. */
const LONGEST = 100;

/** A name without what differs between styles: `weight_decay` and `weightDecay` are the same. */
const plain = (name: string) => name.toLowerCase().replaceAll(/[_-]/g, '');

/**
 * The known name that an unknown one may stand for: what another library's name means here, else the nearest by spelling.
 *
 * @param name the unknown name
 * @param choices the known names
 * @returns " Did you mean 'x'?", to end a message with; '' if none is near
 */
export function meantName(name: string, choices: readonly string[]): string {
  if (name.length > LONGEST) return '';
  const same = otherNames.get(plain(name))?.filter((other) => choices.includes(other)) ?? [];
  if (same.length > 0) return ` Did you mean '${same.join("' and '")}'?`;
  const [near] = choices
    .map((choice) => ({ choice, distance: editDistance(plain(name), plain(choice)) }))
    .filter(({ choice, distance }) => distance <= Math.max(1, Math.floor(choice.length * 0.4)))
    .sort((a, b) => a.distance - b.distance);
  return near ? ` Did you mean '${near.choice}'?` : '';
}
