/** [N, C]: channels 2 i and 2 i + 1 of position n hold sine and cosine of n / maxWavelength^(2 i / C). */
export function sinusoids(length: number, channels: number, maxWavelength: number): Float32Array {
  return Float32Array.from({ length: length * channels }, (_, at) => {
    const [position, channel] = [Math.floor(at / channels), at % channels];
    const angle = position / maxWavelength ** ((channel - (channel % 2)) / channels);
    return channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
