import { look, toSvg } from '../../src/report/svg.js';

/** Panels in Vega-Lite's terms, and what differs from the common look. */
export interface Figure {
  title: { text: string; subtitle?: string[] };
  concat: object[];
  columns: number;
  spacing: { row: number; column: number };
  padding: number;
  /** Whether plots are aligned by their labels too, or without them. */
  bounds?: 'full' | 'flush';
  config: { title: object; axis: object; [part: string]: object };
}

/** Panels side by side under one title, as SVG. */
export function figure({ config, ...spec }: Figure): Promise<string> {
  const title = { anchor: 'start', fontSize: 15, ...config.title };
  return toSvg({ ...spec, config: { ...look, ...config, title, axis: { ...look.axis, ...config.axis } } });
}
