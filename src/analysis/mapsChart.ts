import { look, toSvg } from '../report/svg.js';
import type { AttentionMap } from './attentionMaps.js';
import { positionMap } from './positionMap.js';

/** Most cells on a side: with more, the picture is large and the cells are too small to see. */
const MOST_CELLS = 32;
/** From no weight to all of it. */
const COLOURS = ['#ffffff', '#deebf7', '#9ecae1', '#4292c6', '#08519c', '#08306b'];
/** Approximate pixels of a map's side. */
const SIDE = 116;

/** One head of one layer. */
function panel(map: AttentionMap, highest: number, axes: { left: boolean; bottom: boolean }) {
  const { rows, columns, block, cells } = positionMap(map, MOST_CELLS);
  // Whole pixels, or the seams would show.
  const pixels = Math.max(2, Math.floor(SIDE / Math.max(rows, columns)));
  const values = Array.from(cells, (weight, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return { x: column * block, x2: (column + 1) * block, y: row * block, y2: (row + 1) * block, weight };
  });
  const scale = (count: number, reverse = false) => ({ domain: [0, count * block], nice: false, reverse });
  const axis = { tickCount: 3, grid: false, format: 'd', labelFlush: true };
  return {
    title: { text: `${map.layer}, head ${map.head}`, fontSize: 11, fontWeight: 'normal', offset: 4 },
    ...{ width: columns * pixels, height: rows * pixels, data: { values } },
    mark: { type: 'rect', aria: false, strokeWidth: 0 },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: scale(columns),
        axis: { ...axis, title: axes.bottom ? 'key' : null },
      },
      x2: { field: 'x2' },
      y: {
        field: 'y',
        type: 'quantitative',
        scale: scale(rows, true),
        axis: { ...axis, title: axes.left ? 'query' : null },
      },
      y2: { field: 'y2' },
      color: {
        field: 'weight',
        type: 'quantitative',
        // Small weights must show: many faint ones can still add up.
        scale: { type: 'sqrt', domain: [0, highest], range: COLOURS, interpolate: 'rgb' },
        legend: { title: 'weight of a position', orient: 'right', gradientLength: 120, format: '.1~g', tickCount: 4 },
      },
    },
  };
}

/**
 * Heat maps of one case: a row for each layer, a column for each head.
 *
 * @param maps of the case, as attentionMaps has them
 * @param title the figure's title
 * @param subtitle the lines below the title
 */
export async function mapsChart(maps: readonly AttentionMap[], title: string, subtitle: string): Promise<string> {
  const columns = Math.min(8, 1 + Math.max(...maps.map(({ head }) => head)));
  // The same colours in all maps, or they could not be compared.
  const highest = Math.max(
    ...maps.map((map) => positionMap(map, MOST_CELLS).cells.reduce((a, b) => Math.max(a, b), 0)),
  );
  const panels = maps.map((map, index) =>
    panel(map, highest, { left: index % columns === 0, bottom: index >= maps.length - columns }),
  );
  const svg = await toSvg({
    title: { text: title, subtitle, anchor: 'start', fontSize: 14, subtitleColor: '#555', offset: 12 },
    concat: panels,
    ...{ columns, spacing: { row: 14, column: 14 }, padding: 8 },
    resolve: { scale: { color: 'shared' } },
    config: {
      ...look,
      view: { stroke: '#bbb' },
      axis: { ...look.axis, labelFontSize: 9, titleFontSize: 10, titlePadding: 2 },
    },
  });
  // A page may scale the figure; the cells must touch even so.
  return svg.replace('<svg ', '<svg shape-rendering="crispEdges" ');
}
