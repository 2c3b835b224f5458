/** Reports as a browser shows them: on a phone, on paper, in the dark. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { htmlPage, paragraph, tableHtml } from '../../src/report/html.js';
import { classificationReport } from '../../src/training/tasks/classificationReport.js';
import { chromium, openBrowser } from './chromium.js';

const names = [
  ...Array.from({ length: 68 }, (_, index) => `class ${index}`),
  'constructor',
  `<img src=x onerror=alert(1)>${'x'.repeat(300)}`,
];
const confusion = names.map((_, right) => names.map((_, given) => ((right * 7) % 70 === given ? 3 : 0)));
const evaluation = { accuracy: 0.1, loss: 4, macroF1: 0.1, confusion, predicted: [] };
const wide = { columns: Array.from({ length: 30 }, (_, at) => [`column ${at}`, 8, () => '1234567'] as const) };
const page = htmlPage(
  `A title without blanks: ${'x'.repeat(200)}`,
  [
    paragraph('y'.repeat(500)),
    classificationReport({ title: 'test part', evaluation }, { classNames: names }),
    tableHtml(wide, [{}]),
  ].join('\n'),
);

describe.runIf(chromium)('a report', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  /** Opens the page; collects what scripts in it would say. */
  async function open(options: { width: number; colorScheme?: 'light' | 'dark' }) {
    const opened = await browser.newPage({
      viewport: { width: options.width, height: 800 },
      colorScheme: options.colorScheme,
    });
    const said: string[] = [];
    opened.on('dialog', (dialog) => {
      said.push(dialog.message());
      void dialog.dismiss();
    });
    await opened.setContent(page);
    await opened.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))");
    return { opened, said };
  }

  it.each([320, 375, 800, 1600])(
    'fits a page of %d pixels, with what is wider in a box that scrolls',
    async (width) => {
      const { opened, said } = await open({ width });
      expect(await opened.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(said).toEqual([]);
      await opened.close();
    },
  );

  it('is dark where the reader wants that, its charts too, and light on paper', async () => {
    const { opened } = await open({ width: 800, colorScheme: 'dark' });
    const look = () =>
      opened.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('svg')).filter]",
      );
    expect(await look()).toEqual(['rgb(26, 26, 26)', 'invert(0.9) hue-rotate(180deg)']);
    await opened.emulateMedia({ media: 'print' });
    expect(await look()).toEqual(['rgb(255, 255, 255)', 'none']);
    await opened.close();
  });
});
