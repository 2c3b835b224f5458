import type { DataFacts } from './messages.js';

/** The test cases as squares, a row for each class; they can be chosen once there are predictions. */
export class CaseGrid {
  private readonly squares: HTMLButtonElement[];
  private readonly shares: HTMLElement[];

  /**
   * @param element is filled
   * @param onChoose gets the index of a case
   */
  constructor(
    element: HTMLElement,
    private readonly data: DataFacts,
    onChoose: (index: number) => void,
  ) {
    const rows = data.classNames.map((name) => {
      const [title, squares, share] = ['span', 'div', 'span'].map((tag) => document.createElement(tag));
      title.textContent = name;
      squares.className = 'squares';
      const row = document.createElement('div');
      row.className = 'row';
      row.append(title, squares, share);
      return { row, squares, share };
    });
    this.shares = rows.map(({ share }) => share);
    this.squares = data.labels.map((label, index) => {
      const square = document.createElement('button');
      square.type = 'button';
      square.disabled = true;
      square.title = `case ${index}, class ${data.classNames[label]}`;
      square.onclick = () => onChoose(index);
      rows[label].squares.append(square);
      return square;
    });
    element.replaceChildren(...rows.map(({ row }) => row));
  }

  /** Colours the squares. */
  update(predicted: number[]): void {
    const { labels, classNames } = this.data;
    this.squares.forEach((square, index) => {
      square.disabled = false;
      square.className = predicted[index] === labels[index] ? 'right' : 'wrong';
      square.title = `case ${index}: class ${classNames[labels[index]]}, predicted ${classNames[predicted[index]]}`;
    });
    this.shares.forEach((share, label) => {
      const own = predicted.filter((_, index) => labels[index] === label);
      const right = own.filter((found) => found === label).length;
      share.textContent = `${Math.round((100 * right) / own.length)} %`;
    });
  }

  /** Marks the one that is shown. */
  mark(index: number): void {
    this.squares.forEach((square, other) => square.setAttribute('aria-pressed', String(other === index)));
  }
}
