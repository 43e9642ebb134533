// The noise of playground/models/base.py, in the browser: what torch's CPU generator gives for a seed, number for number.
// `uniforms` are equal to torch's.  `normals` are computed in float64 and rounded: torch computes 16 or more of one image in float32,
// by vector instructions that differ between processors, so the last bits of those differ between computers, too.

const STATE = 624, MIDDLE = 397; // of MT19937 (Matsumoto and Nishimura, 1998)

class MersenneTwister {
  constructor(seed) {
    this.state = new Uint32Array(STATE);
    this.state[0] = seed;
    for (let i = 1; i < STATE; i++) {
      const before = this.state[i - 1];
      this.state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
    this.next = STATE;
  }

  refill() {
    const s = this.state;
    for (let i = 0; i < STATE; i++) {
      const y = (s[i] & 0x80000000) | (s[(i + 1) % STATE] & 0x7fffffff);
      s[i] = s[(i + MIDDLE) % STATE] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }

  // A whole number of 32 bits.
  integer() {
    if (this.next === STATE) this.refill();
    let y = this.state[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  // In [0, 1), of 24 bits: a float32.
  single() {
    return (this.integer() & 0xffffff) / 2 ** 24;
  }

  // In [0, 1), of 53 bits: a float64.
  double() {
    const high = this.integer() & 0x1fffff;
    return (high * 2 ** 32 + this.integer()) / 2 ** 53;
  }
}

// `count` rows of `length` numbers, one after another in a Float32Array; `fill` writes one row.
function rows(seed, count, length, first, fill) {
  const out = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    const generator = new MersenneTwister(Math.imul(seed, 1000003) + first + i); // of which the generator uses 32 bits
    fill(out.subarray(i * length, (i + 1) * length), generator);
  }
  return out;
}

// Uniform noise in [0, 1): row i depends on (seed, first + i) alone.  Seed: a whole number from 0 to 2^31 - 1.
export function uniforms(seed, count, length, first = 0) {
  return rows(seed, count, length, first, (row, generator) => {
    for (let k = 0; k < length; k++) row[k] = generator.single();
  });
}

// Standard normal noise, likewise.
export function normals(seed, count, length, first = 0) {
  return rows(seed, count, length, first, length < 16 ? fewNormals : manyNormals);
}

function fewNormals(row, generator) {
  for (let k = 0; k < row.length; k += 2) {
    const theta = 2 * Math.PI * generator.double();
    const radius = Math.sqrt(-2 * Math.log1p(-generator.double()));
    row[k] = radius * Math.cos(theta);
    if (k + 1 < row.length) row[k + 1] = radius * Math.sin(theta);
  }
}

// Box-Muller on blocks of 16 numbers, the first eight with the last eight.  What is left over makes one more block, of the last 16.
function manyNormals(row, generator) {
  for (let k = 0; k < row.length; k++) row[k] = generator.single();
  for (let k = 0; k + 16 <= row.length; k += 16) pairs(row.subarray(k, k + 16));
  if (row.length % 16) {
    const last = row.subarray(row.length - 16);
    for (let k = 0; k < 16; k++) last[k] = generator.single();
    pairs(last);
  }
}

function pairs(block) {
  for (let k = 0; k < 8; k++) {
    const radius = Math.sqrt(-2 * Math.log(1 - block[k])), theta = 2 * Math.PI * block[k + 8];
    block[k] = radius * Math.cos(theta);
    block[k + 8] = radius * Math.sin(theta);
  }
}
