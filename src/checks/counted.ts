/**
 * @param count of things
 * @param noun what they are
 * @param plural more of them; default: with an s
 * @returns '1 case', '2 cases', '2 classes'
 */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;
