/** The page at `/`, in Chromium, under its own policy. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromium, openBrowser } from '../browser/chromium.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { bodyOf, saveModel, serveModels, type TestServer } from './serving.js';

const home = temporaryFolder();
const kinds = ['series', 'images', 'tokens', 'regressor', 'forecaster'] as const;
let server: TestServer;

beforeAll(async () => {
  for (const kind of kinds) await saveModel(join(home, kind), kind);
  server = await serveModels(home, kinds, { token: 'open-sesame', timeout: 60_000 });
});
afterAll(() => server.close());

const authorization = 'Bearer open-sesame';

describe('attention', () => {
  it('comes with the case, as it was given', async () => {
    const cases = [[[1, 2]], [[3, 4], [5, 6]]]; // prettier-ignore
    const answer = await bodyOf(server.post('/attention?model=series&case=2', { cases }, { authorization }));
    expect(answer).toMatchObject({ kind: 'series', shape: [2, 2], values: [3, 4, 5, 6] });
    const { svg } = answer as { svg: string };
    // 2 layers with 2 heads, each its panel.
    expect(svg).toMatch(/^<svg /);
    expect(svg.match(/, head [01]</g)).toHaveLength(4);
  });

  it('says what is wrong', async () => {
    const error = async (path: string, body: object) =>
      (await bodyOf<{ error: string }>(server.post(path, body, { authorization }), 400)).error;
    expect(await error('/attention?model=series&case=2', { cases: [[[1, 2]]] })).toBe(
      '?case= was 2; it must be at most 1, the number of cases',
    );
    expect(await error('/attention?model=series&case=0', {})).toBe("?case= was '0'; it must be a number from 1 on");
    expect(await error('/attention?model=series', { cases: [[[1, 1e39]]] })).toContain('case 1, position 1, channel 2');
  });
});

describe.skipIf(!chromium)('the page', () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (said) => {
      if (/Content.Security.Policy/i.test(said.text())) complaints.push(said.text());
    });
    await page.goto(server.url);
  });
  afterAll(() => browser.close());

  const about = (text: string) => page.waitForFunction((text) => document.body.textContent.includes(text), text);

  it('asks for the token, and then shows the models', async () => {
    await page.locator('#token-field').waitFor();
    expect(await page.textContent('#message')).toContain('the bearer token was missing');
    await page.fill('#token', 'open-sesame');
    await page.press('#token', 'Enter');
    await about('A classifier of series. 2 classes: no, yes.');
    expect(await page.locator('#model option').allTextContents()).toEqual(kinds);
  });

  /** What the page shows, once the attention is drawn. */
  async function results(rows: number) {
    await page.locator('#attention img').waitFor();
    expect(await page.locator('#predictions tbody tr').count()).toBe(rows);
    const size = await page.locator('#attention img').evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      return image.naturalWidth;
    });
    expect(size).toBeGreaterThan(100);
    return page.locator('#predictions tbody tr').first().locator('td').allTextContents();
  }

  it('shows classes, the series and its attention for what is typed', async () => {
    const text = '[[[1, 2], [3, 4], [5, 6]]]';
    await page.fill('#text', text);
    await page.click('#predict');
    const [number, label, chances] = await results(1);
    const { predictions } = await bodyOf<{ predictions: { label: string; probabilities: number[] }[] }>(
      server.post('/predict?model=series', text, { authorization }),
    );
    expect([number, label]).toEqual(['1', predictions[0].label]);
    for (const probability of predictions[0].probabilities) {
      expect(chances).toContain(`${(100 * probability).toFixed(1)} %`);
    }
    expect(await page.locator('#case path').count()).toBe(2);
  });

  it('takes a file that is dropped, and shows the case that is chosen', async () => {
    const csv = 'case,a,b\n1,1,2\n2,5,6\n2,7,8\n';
    await page.evaluate((csv) => {
      const data = new DataTransfer();
      data.items.add(new File([csv], 'two.csv', { type: 'text/csv' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    }, csv);
    await page.waitForFunction(() => document.querySelectorAll('#predictions tbody tr').length === 2);
    await results(2);
    expect(await page.locator('#case path').count()).toBe(2);
    await page.locator('#predictions tbody tr').nth(1).click();
    await page.locator('#case path[d*="L"]').first().waitFor();
    expect(await page.textContent('#case-title')).toBe('Case 2');
  });

  it('takes a file that is chosen', async () => {
    await writeFile(join(home, 'tokens.txt'), '[MAX a b\n');
    await page.selectOption('#model', 'tokens');
    await page.setInputFiles('#file', join(home, 'tokens.txt'));
    await page.locator('#case code').waitFor();
    await results(1);
    expect(await page.textContent('#case code')).toBe('[MAX a b');
  });

  it('shows images', async () => {
    await page.selectOption('#model', 'images');
    await page.click('#example');
    await page.click('#predict');
    await page.locator('#case canvas').waitFor();
    await results(1);
  });

  it('shows numbers', async () => {
    await page.selectOption('#model', 'regressor');
    await about('A regressor of series.');
    await page.click('#example');
    await page.click('#predict');
    await page.waitForFunction(() => document.querySelector('#predictions th:last-child')?.textContent === 'value');
    const [, value] = await results(1);
    expect(Number(value)).toBeGreaterThan(0); // its mean is 10
  });

  it('shows forecasts behind the series, also on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.selectOption('#model', 'forecaster');
    await about('A forecaster of series.');
    await page.fill('#text', 'time,v,u\n1,2,1\n2,4,3\n3,1,5\n4,2,2\n5,7,0\n');
    await page.click('#predict');
    await page.locator('#case path[stroke-dasharray]').first().waitFor();
    const [, steps, numbers] = await results(1);
    expect(steps).toBe('1\n2\n3');
    expect(numbers.split('\n')).toHaveLength(3);
    expect(await page.locator('#case path[stroke-dasharray]').count()).toBe(2);
    const sizes = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      innerWidth,
      document.querySelector('#case svg')!.getBoundingClientRect().width,
    ]);
    // The page is as wide as the screen; figures keep the size that they can be read at.
    expect(sizes).toEqual([390, 390, 720]);
  });

  it('says what is wrong, and breaks no rule of its policy', async () => {
    await page.selectOption('#model', 'images');
    await page.fill('#text', '{"cases": [[[["x"]]]]}');
    await page.click('#predict');
    await page.locator('#message.error').waitFor();
    expect(await page.textContent('#message')).toContain('case 1');
    expect(complaints).toEqual([]);
    const policy = (await server.get('/')).headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
  });
});
