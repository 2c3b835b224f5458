/**
 * At the top of a loop over addresses, keeps V8 from unrolling it. V8 11 and 12 (Node 20, 22) unroll innermost loops up
 * to four times, run out of registers and spill, which costs more than half of the speed. With a loop in it, one that
 * never runs since no address is 0, this one is not innermost. V8 13 and later (Node 24) do not need it, and it costs them
 * nothing.
 */
@inline
export function keepRolled(address: usize): void {
  while (!address) {}
}
