/** The probabilities of the classes as bars; the most probable class in the colour of right or wrong, the true one bold. */
export function drawProbabilities(
  element: HTMLElement,
  facts: { probabilities: number[]; predicted: number; label: number; classNames: string[] },
): void {
  const { probabilities, predicted, label, classNames } = facts;
  const bars = probabilities.map((probability, index) => {
    const bar = document.createElement('div');
    bar.className = 'bar';
    if (index === predicted) bar.classList.add(predicted === label ? 'right' : 'wrong');
    bar.classList.toggle('true', index === label);
    const [name, track, value] = ['span', 'div', 'span'].map((tag) => document.createElement(tag));
    name.textContent = classNames[index];
    track.className = 'track';
    const fill = document.createElement('div');
    fill.className = 'fill';
    fill.style.width = `${100 * probability}%`;
    track.append(fill);
    value.textContent = `${(100 * probability).toFixed(1)} %`;
    bar.append(name, track, value);
    return bar;
  });
  element.replaceChildren(...bars);
}
