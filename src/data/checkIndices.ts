import { formatValue } from '../checks/values.js';

/** @throws Error, in the name of `owner`, unless `indices`, the argument `name`, are those of cases, of which there are `count` */
export function checkIndices(owner: string, name: string, indices: unknown, count: number): void {
  const list = indices as ArrayLike<unknown>;
  if (typeof indices !== 'object' || indices === null || !Number.isInteger(list.length)) {
    throw new Error(`${owner}: ${name} was ${formatValue(indices)}; it must be an array of indices of cases`);
  }
  for (let i = 0; i < list.length; i++) {
    const index = list[i] as number;
    if (Number.isInteger(index) && index >= 0 && index < count) continue;
    throw new Error(
      `${owner}: ${name}[${i}] was ${formatValue(index)}; it must be an integer from 0 to ${count - 1}, the index of a case`,
    );
  }
}
