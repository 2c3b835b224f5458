// Activations behind a product, in place, as tfjs defines them.

import { EXP2_TABLE_BYTES, exp2, writeExp2Table } from '../simd/exp2';
import { LOG2E } from '../attention/problem';
