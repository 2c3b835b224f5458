import { look, toSvg } from '../../report/svg.js';

/** Side of a cell in pixels, and the most classes whose cells show their numbers. */
const CELL = 34;
const MOST_NUMBERED = 30;

/**
 * How often each class was taken for each, as a heat map: a row for each right class, shares of its cases as colour.
 *
 * @param confusion [classes][classes], see confusionMatrix
 * @param classNames in order
 */
export function confusionChart(confusion: readonly number[][], classNames: readonly string[]): Promise<string> {
  const values = confusion.flatMap((row, right) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((cases, given) => {
      return { right: classNames[right], given: classNames[given], cases, share: total > 0 ? cases / total : 0 };
    });
  });
  const axis = (field: string, title: string) => ({ field, type: 'nominal', sort: classNames, title });
  const cells = {
    mark: { type: 'rect', stroke: '#e6e6e6' },
    encoding: {
      color: {
        field: 'share',
        type: 'quantitative',
        scale: { range: ['#ffffff', '#08519c'], domain: [0, 1] },
        legend: { title: 'share of class', format: '.0%' },
      },
    },
  };
  const numbers = {
    transform: [{ filter: 'datum.cases > 0' }],
    mark: { type: 'text', fontSize: 11 },
    encoding: {
      text: { field: 'cases', type: 'quantitative' },
      color: { condition: { test: 'datum.share > 0.5', value: 'white' }, value: '#222' },
    },
  };
  return toSvg({
    data: { values },
    width: { step: CELL },
    height: { step: CELL },
    encoding: { x: axis('given', 'predicted class'), y: axis('right', 'right class') },
    layer: classNames.length <= MOST_NUMBERED ? [cells, numbers] : [cells],
    config: { ...look, axis: { ...look.axis, grid: false } },
  });
}
