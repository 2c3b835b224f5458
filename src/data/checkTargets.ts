import { formatValue } from '../checks/values.js';
import { caseCount } from './caseCount.js';
import { findNotFinite } from './kinds/caseChecks.js';
import type { Cases } from './labelledData.js';

/** @throws Error, in the name of `owner`, unless each case has a number to learn, and that is finite as a float32 */
export function checkTargets(owner: string, data: Cases): void {
  const targets: unknown = data.targets;
  const cases = caseCount(data);
  if (!Array.isArray(targets) || targets.length !== cases) {
    const was = Array.isArray(targets) ? `an array of ${targets.length}` : formatValue(targets);
    throw new Error(`${owner}: targets was ${was}; it must be an array of ${cases} numbers, one for each case`);
  }
  const wrong = targets.findIndex((target) => typeof target !== 'number' || !Number.isFinite(Math.fround(target)));
  if (wrong < 0) return;
  throw new Error(`${owner}: the target of case ${wrong + 1} was ${formatValue(targets[wrong])}; it must be finite`);
}

/** @throws Error, in the name of `owner`, unless each case has as many finite numbers that follow on it as the first one */
export function checkFutures(owner: string, data: Cases): void {
  const { futures } = data as { futures?: readonly ArrayLike<number>[] };
  const cases = caseCount(data);
  if (!Array.isArray(futures) || futures.length !== cases) {
    const was = Array.isArray(futures) ? `an array of ${futures.length}` : formatValue(futures);
    throw new Error(`${owner}: futures was ${was}; it must be an array of ${cases}, one for each case`);
  }
  (futures as ArrayLike<number>[]).forEach((values, index) => {
    const { length } = (futures as ArrayLike<number>[])[0];
    if (values.length !== length) {
      throw new Error(
        `${owner}: what follows on case ${index + 1} held ${values.length} numbers; it must hold ${length}`,
      );
    }
    const at = findNotFinite(values, 0, length, false);
    if (at < 0) return;
    throw new Error(
      `${owner}: what follows on case ${index + 1} was ${values[at]} at number ${at + 1}; it must be finite`,
    );
  });
}
