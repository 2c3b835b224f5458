// From a Vega-Lite specification to SVG, and the look that all charts share.

import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

export const look = {
  font: 'Helvetica, Arial, sans-serif',
  background: 'white',
  view: { stroke: null },
  axis: {
    titleFontSize: 12,
    titleFontWeight: 'normal',
    gridColor: '#e6e6e6',
    domainColor: '#444',
    tickColor: '#444',
  },
};

/** The picture that `spec` describes. */
export function toSvg(spec: object): Promise<string> {
  const { spec: compiled } = compile(spec as TopLevelSpec);
  return new View(parse(compiled), { renderer: 'none' }).toSVG();
}
