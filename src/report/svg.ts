// From a Vega-Lite specification to SVG, and the look that all charts share.

import type { TopLevelSpec } from 'vega-lite';

/** The palette of M. Okabe and K. Ito, told apart by all kinds of colour vision; black and yellow left out, grey behind. */
export const palette = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9', '#8C8C8C'];

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

/**
 * The picture that a Vega-Lite specification describes. The chart library is loaded with the first picture.
 *
 * @param spec the specification; `config: { ...look }` gives it the common look
 */
export async function toSvg(spec: object): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const { spec: compiled } = compile(spec as TopLevelSpec);
  return new View(parse(compiled), { renderer: 'none' }).toSVG();
}
