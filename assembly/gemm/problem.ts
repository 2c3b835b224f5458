// What a batch of products works on.

/** C[i] = activation(op(A[i]) op(B[i]) + bias), op(A) [rows, depth], op(B) [depth, columns], C contiguous, float32. */
@unmanaged
export class ProductProblem {
  a: usize;
  b: usize;
  c: usize;
  /** int32 [batch]: element offset of each A and B, so that batches broadcast. */
  aOffsets: usize;
  bOffsets: usize;
  /** float32 [columns], or 0 for none. @optional */
  bias: usize;
  batch: i32;
  rows: i32;
  columns: i32;
  depth: i32;
  /** Strides of op(A) and op(B) in elements; one of each pair is 1. */
  aRow: usize;
  aTerm: usize;
  bTerm: usize;
  bColumn: usize;
  /** One of the numbers in activation.ts. */
  activation: i32;
  /** float32 [columns] for PReLU, or 0: then `alpha` is the factor of all negative values. @optional */
  slopes: usize;
  alpha: f32;
  /** Where the activation's results go: float32 as C, which then keeps op(A) op(B) + bias; 0: in place. @optional */
  activated: usize;
  /** Room for all of B in panels, `packRightBytes` of it, which `packRight` fills; 0: each task packs what it needs. @optional */
  packed: usize;
  /**
   * A WindowProblem: op(A) is what its windows see, [positions, taps x channels] or its transpose, and never written out as
   * a whole; aOffsets are first positions, a is 0. @optional
   */
  windows: usize;
  /** For products of bytes, how they are computed: one of ByteDots. @optional */
  dots: i32;
}
