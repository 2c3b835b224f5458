import { look, toSvg } from '../../report/svg.js';
import type { RegressionEvaluation } from '../evaluation.js';

const PANEL = { width: 380, height: 280 };
/** Points of a chart; more would be drawn over each other. */
const MOST_POINTS = 2000;

/** Every case, or as many as a chart shows, evenly spread. */
function pointsOf({ targets, predicted }: Pick<RegressionEvaluation, 'targets' | 'predicted'>) {
  const count = Math.min(MOST_POINTS, targets.length);
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor((index * targets.length) / count);
    return { right: targets[at], given: predicted[at], residual: predicted[at] - targets[at] };
  });
}

/**
 * What was predicted over what was right, with the line of those that are equal, and the errors over what was right.
 *
 * @returns a chart each
 * @param evaluation targets and predicted numbers
 * @param name of the target
 */
export function regressionCharts(
  evaluation: Pick<RegressionEvaluation, 'targets' | 'predicted'>,
  name: string,
): Promise<string[]> {
  const values = pointsOf(evaluation);
  const ends = [Math.min, Math.max].map((extreme) =>
    values.reduce((found, { right, given }) => extreme(found, right, given), values[0].right),
  );
  // A long name is cut, or there would be room for it beside the chart, above and below.
  const axis = (field: string, title: string, titleLimit: number) => ({
    ...{ field, type: 'quantitative', title, scale: { zero: false } },
    axis: { titleLimit },
  });
  const x = axis('right', `true ${name}`, PANEL.width);
  const points = { type: 'point', filled: true, size: 22, opacity: 0.55, color: '#0072B2' };
  const line = { type: 'line', color: '#888', strokeDash: [4, 3] };
  const panel = (field: string, title: string, right: readonly number[]) => ({
    ...PANEL,
    data: { values },
    encoding: { x, y: axis(field, title, PANEL.height) },
    layer: [
      { data: { values: ends.map((at, end) => ({ right: at, [field]: right[end] })) }, mark: line },
      { mark: points },
    ],
    config: { ...look },
  });
  return Promise.all(
    [panel('given', `predicted ${name}`, ends), panel('residual', 'predicted less true', [0, 0])].map(toSvg),
  );
}
