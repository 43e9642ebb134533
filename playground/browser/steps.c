// Runs a model's steps (playground/program/builder.py) in the browser: the loops of playground/sampling/backends/numba_backend.py, which see,
// the same operations in the same order, so that all numbers are the same to the last bit.
// Built by `python -m playground.browser.build` into steps.wasm.  steps.js lays out the memory and calls `run`.

#include <wasm_simd128.h>

// The browser's own functions: steps.js hands over `Math`.
#define MATH(name) __attribute__((import_module("math"), import_name(#name))) double name(double)
MATH(exp);
MATH(expm1);
MATH(log);
MATH(log1p);
MATH(tanh);

enum { ROW, LATER_ROW, PIXEL, PLANE };
enum { GATHER, DOT, ADD, ELU, CONCAT_ELU, GATE, GATED_SUM, CELL, MIXTURE, CLEAR, LOG_MEAN };
enum { WHOLE, PER_IMAGE, PER_PLACE };
enum { RELU = 1, ABSENT = -1, VALUES = 11, VALUE = 10, LINE = VALUES + 6 * VALUE };
static const double NARROWEST = -7;

typedef struct {  // all numbers of 4 bytes, as steps.js writes them
  const int *table;     // (operations, LINE)
  int operations, rows; // of which so many are done once a row
  const int *image, *output;  // values
  int every_plane, mixtures, chained, levels, planes, size, images;
  float *memory;
  const float *weights;
  float *x;             // (images, planes, size, size)
  const float *noise;   // likewise
  const unsigned char *missing;  // (images, size, size)
  const unsigned char *wanted;   // (size): rows at whose pixels something is drawn or asked for
  double *nats;         // (images, size, size): -log p of each known pixel, or null
  double *odds;         // (planes, levels): logits of the first image's values at the pixel `asked`, or null
  int asked;
  const double *temperature;
  double *scratch;      // 3 * mixtures + 2 * levels
} Job;

#define inlined static inline __attribute__((always_inline))
#define alone static __attribute__((noinline))  // so that the browser can exchange it for a faster one while `run` runs

// --- functions of one number ---

#define INFINITY __builtin_inf()
inlined double least(double a, double b) { return a < b ? a : b; }
inlined double most(double a, double b) { return a > b ? a : b; }

inlined float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

inlined float tanh_ratio(float x, float *q) {
  x = clamp(x, -7.90531110763549805f, 7.90531110763549805f);
  float y = x * x, p = y * -2.76076847742355e-16f + 2.00018790482477e-13f;
  p = y * p + -8.60467152213735e-11f;
  p = y * p + 5.12229709037114e-08f;
  p = y * p + 1.48572235717979e-05f;
  p = y * p + 6.37261928875436e-04f;
  p = y * p + 4.89352455891786e-03f;
  float d = y * 1.19825839466702e-06f + 1.18534705686654e-04f;
  d = y * d + 2.26843463243900e-03f;
  *q = y * d + 4.89352518554385e-03f;
  return x * p;
}

inlined float times_sigmoid(float x, float g, float d) {
  float q, p = tanh_ratio(0.5f * g, &q);
  return 0.5f * x * (q + p) / (q * d);
}

inlined float gate(float f, float g) {
  float q, p = tanh_ratio(f, &q);
  return times_sigmoid(p, g, q);
}

inlined float elu(float x) {
  float below = x < 0 ? x : 0, above = x < 0 ? 0 : x, q, p = tanh_ratio(0.5f * below, &q);
  return above + p / (0.5f * (q - p));
}

// --- products of matrices: each number of c is one sum in the order of k ---

// c[r, :4 * vectors] += a[r] @ b for some rows, with sums in registers.
inlined void strip(const int rows, const int vectors, const float *a, int inner, const float *b, int columns, float *c) {
  v128_t sums[rows][vectors];
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++) sums[r][v] = wasm_v128_load(c + r * columns + 4 * v);
  for (int k = 0; k < inner; k++)
    for (int r = 0; r < rows; r++) {
      v128_t x = wasm_v128_load32_splat(a + r * inner + k);
      for (int v = 0; v < vectors; v++)
        sums[r][v] = wasm_f32x4_add(sums[r][v], wasm_f32x4_mul(x, wasm_v128_load(b + k * columns + 4 * v)));
    }
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++) wasm_v128_store(c + r * columns + 4 * v, sums[r][v]);
}

// c += a @ b: (rows, inner) @ (inner, columns), rows one after another.
alone void add_product(const float *a, int rows, int inner, const float *b, int columns, float *c) {
  int r = 0;
  for (; r + 4 <= rows; r += 4, a += 4 * inner, c += 4 * columns) {
    int u = 0;
    for (; u + 8 <= columns; u += 8) strip(4, 2, a, inner, b + u, columns, c + u);
    for (; u + 4 <= columns; u += 4) strip(4, 1, a, inner, b + u, columns, c + u);
    for (; u < columns; u++)
      for (int s = 0; s < 4; s++)
        for (int k = 0; k < inner; k++) c[s * columns + u] += a[s * inner + k] * b[k * columns + u];
  }
  for (; r < rows; r++, a += inner, c += columns) {
    int u = 0;
    for (; u + 32 <= columns; u += 32) strip(1, 8, a, inner, b + u, columns, c + u);
    for (; u + 16 <= columns; u += 16) strip(1, 4, a, inner, b + u, columns, c + u);
    for (; u + 4 <= columns; u += 4) strip(1, 1, a, inner, b + u, columns, c + u);
    for (; u < columns; u++)
      for (int k = 0; k < inner; k++) c[u] += a[k] * b[k * columns + u];
  }
}

// --- loops over arrays that do not overlap ---

inlined void copy(float *restrict out, const float *restrict x, int n) {
  for (int u = 0; u < n; u++) out[u] = x[u];
}

inlined void clear(float *out, int n) {
  for (int u = 0; u < n; u++) out[u] = 0;
}

inlined void add(float *restrict out, const float *restrict x, int n) {
  for (int u = 0; u < n; u++) out[u] += x[u];
}

alone void gates(float *restrict out, const float *restrict f, const float *restrict g, int n) {
  for (int u = 0; u < n; u++) out[u] = gate(f[u], g[u]);
}

alone void gated_sum(float *restrict out, const float *restrict x, const float *restrict a, const float *restrict b, int n) {
  for (int u = 0; u < n; u++) out[u] = x[u] + times_sigmoid(a[u], b[u], 1);
}

alone void elus(float *restrict out, const float *restrict x, int n) {
  for (int u = 0; u < n; u++) out[u] = elu(x[u]);
}

alone void concat_elu(float *restrict out, float *restrict negative, const float *restrict x, int n) {
  for (int u = 0; u < n; u++) out[u] = elu(x[u]);
  for (int u = 0; u < n; u++) negative[u] = elu(-x[u]);
}

alone void cell(float *restrict h, float *restrict c, const float *restrict o, int n) {
  const float *f = o + n, *i = f + n, *g = i + n;
  for (int u = 0; u < n; u++) {
    c[u] = times_sigmoid(c[u], f[u], 1) + gate(g[u], i[u]);
    h[u] = gate(c[u], o[u]);
  }
}

// --- distributions of a plane's value ---

inlined double log_sigmoid(double x) { return (x < 0 ? x : 0) - log1p(exp(-__builtin_fabs(x))); }

alone void mixture(const float *parameters, const float *pixel, int plane, int levels, float *out, int count) {
  const double half = (levels - 1) / 2.0;
  for (int k = 0; k < count; k++) {
    double weight = parameters[k];
    for (int c = 0; c <= plane; c++) {
      double mean = parameters[(1 + c) * count + k], log_scale = most(parameters[(4 + c) * count + k], NARROWEST);
      if (c == 1) mean += tanh(parameters[7 * count + k]) * pixel[0];
      if (c == 2) mean += tanh(parameters[8 * count + k]) * pixel[0] + tanh(parameters[9 * count + k]) * pixel[1];
      if (c == plane) {
        out[k] = weight, out[count + k] = mean, out[2 * count + k] = log_scale;
        break;
      }
      double inverse = exp(-log_scale) * (2.0 / (levels - 1)), bins = (pixel[c] - mean) * half;
      double value = __builtin_rint((pixel[c] + 1.0) * half);
      if (value < levels - 1) weight += log_sigmoid((bins + 0.5) * inverse);
      if (value > 0) weight += log_sigmoid((0.5 - bins) * inverse);
      if (value > 0 && value < levels - 1) weight += log(-expm1(-inverse));
    }
  }
}

inlined double log_sum_exp(const float *numbers, int count, int apart) {
  double highest = -INFINITY, total = 0;
  for (int k = 0; k < count; k++) highest = most(highest, numbers[k * apart]);
  for (int k = 0; k < count; k++) total += exp(numbers[k * apart] - highest);
  return log(total) + highest;
}

// log of the mean of several models' probabilities, from their logits, one model after another, which become log-probabilities.
alone void log_mean(float *logits, int count, int levels, float *out, int width) {
  for (int first = 0; first < count; first += levels) {
    double total = log_sum_exp(logits + first, levels, 1);
    for (int v = first; v < first + levels; v++) logits[v] = logits[v] - total;
  }
  for (int v = 0; v < width; v++) out[v] = log_sum_exp(logits + v, count / width, width) - log((double)count / width);
}

// P(at most this value), under weighted logistics; and P(more).
inlined double below(const double *parameters, int count, int value, int levels, double *more) {
  double less = 0;
  *more = 0;
  if (value >= levels - 1) return 1;
  for (int k = 0; k < count; k++) {
    double edge = (value + 0.5 - (parameters[count + k] + 1) * ((levels - 1) / 2.0)) * parameters[2 * count + k];
    less += parameters[k] / (1 + exp(-edge));
    *more += parameters[k] / (1 + exp(edge));
  }
  return less;
}

// Shares, means, and inverse scales in bins, from log-weights, means and log-scales.
static void logistics(const float *numbers, int count, int levels, double *parameters) {
  double highest = -INFINITY, total = 0;
  for (int k = 0; k < count; k++) highest = most(highest, numbers[k]);
  for (int k = 0; k < count; k++) total += parameters[k] = exp(numbers[k] - highest);
  for (int k = 0; k < count; k++) {
    parameters[k] /= total;
    parameters[count + k] = numbers[count + k];
    parameters[2 * count + k] = exp(-most(numbers[2 * count + k], NARROWEST)) * (2.0 / (levels - 1));
  }
}

static double log_mass(double less_before, double less, double more_before, double more) {
  return log(most(less < 0.5 ? less - less_before : more_before - more, 1e-300));
}

// Logits of all values of a plane.
static void logits_of(const Job *job, const float *numbers, double *logits, double *parameters) {
  if (!job->mixtures) {
    for (int v = 0; v < job->levels; v++) logits[v] = numbers[v];
    return;
  }
  logistics(numbers, job->mixtures, job->levels, parameters);
  double less = 0, more = 1;
  for (int v = 0; v < job->levels; v++) {
    double more_now, less_now = below(parameters, job->mixtures, v, job->levels, &more_now);
    logits[v] = log_mass(less, less_now, more, more_now);
    less = less_now, more = more_now;
  }
}

static int draw(const double *logits, int levels, double noise, double temperature, double *scratch) {
  double highest = -INFINITY, total = 0;
  for (int v = 0; v < levels; v++) highest = most(highest, logits[v]);
  for (int v = 0; v < levels; v++) total += scratch[v] = exp((logits[v] - highest) / temperature);
  double passed = scratch[0];
  int value = 0;
  while (value < levels - 1 && noise * total >= passed) passed += scratch[++value];
  return value;
}

// The value at which the cumulative distribution of logistics passes the noise, at temperature 1.
static int search(const float *numbers, int count, int levels, double noise, double *parameters) {
  logistics(numbers, count, levels, parameters);
  int low = 0, high = levels - 1;
  if (noise > 0) {  // no logistic passes the noise before the first does, and all have after the last
    double first = INFINITY, last = -INFINITY, logit = log(noise / (1 - noise));
    for (int k = 0; k < count; k++) {
      double passes = (parameters[count + k] + 1) * ((levels - 1) / 2.0) + logit / parameters[2 * count + k];
      first = least(first, passes), last = most(last, passes);
    }
    low = least(most(first - 2, 0), levels - 1), high = least(most(last + 2, 0), levels - 1);
  }
  while (low < high) {
    double more;
    int middle = (low + high) / 2;
    if (noise >= below(parameters, count, middle, levels, &more)) low = middle + 1;
    else high = middle;
  }
  return low;
}

alone int drawn(const Job *job, const float *numbers, double noise) {
  if (job->mixtures && *job->temperature == 1) return search(numbers, job->mixtures, job->levels, noise, job->scratch);
  double *logits = job->scratch + 3 * job->mixtures;
  logits_of(job, numbers, logits, job->scratch);
  return draw(logits, job->levels, noise, *job->temperature, logits + job->levels);
}

// -log p(value), in nats.
alone double surprise(const Job *job, const float *numbers, int value) {
  double *parameters = job->scratch, highest = -INFINITY, total = 0;
  if (job->mixtures) {
    double more, more_before = 1, less = 0;
    logistics(numbers, job->mixtures, job->levels, parameters);
    if (value) less = below(parameters, job->mixtures, value - 1, job->levels, &more_before);
    double less_now = below(parameters, job->mixtures, value, job->levels, &more);
    return -log_mass(less, less_now, more_before, more);
  }
  for (int v = 0; v < job->levels; v++) highest = most(highest, numbers[v]);
  for (int v = 0; v < job->levels; v++) total += exp(numbers[v] - highest);
  return log(total) + highest - numbers[value];
}

// --- one operation ---

// Where a value lies for pixel (i, j) of n images, or `below` rows below it.
inlined int address(const int *value, int i, int j, int n, int below) {
  int at = value[2];
  if (value[6]) at += (((i >> value[3]) + value[4] + below) & (value[5] - 1)) * value[6];
  if (value[8]) {
    int column = j >> value[3];
    at += (column < value[7] ? column : column % value[7]) * value[8];
  }
  return value[9] ? at * n : at;
}

// Adds a value to rows of results.
static void plus(const Job *job, const int *value, int i, int j, float *out, int rows, int width) {
  const int n = job->images;
  const float *x = (value[9] ? job->memory : job->weights) + address(value, i, j, n, 0);
  if (value[0] == WHOLE) add(out, x, rows * width);
  else
    for (int r = 0; r < rows; r++) add(out + r * width, x + (value[0] == PER_PLACE ? r / n : r % n) * width, width);
}

static void finish(const int *line, float *out, int count) {
  if (line[4] == RELU)
    for (int u = 0; u < count; u++) out[u] = out[u] < 0 ? 0 : out[u];
}

// Sets a DOT's results to the bias, and to what else is added.
static void set_out(const Job *job, const int *line, int i, int j, float *out, int rows, int width) {
  const int *bias = line + VALUES + 3 * VALUE;
  if (*bias == ABSENT) clear(out, rows * width);
  else
    for (int r = 0; r < rows; r++) copy(out + r * width, job->weights + address(bias, i, j, job->images, 0), width);
  for (const int *other = bias + VALUE; other < line + LINE; other += VALUE)
    if (*other != ABSENT) plus(job, other, i, j, out, rows, width);
}

static void dot(const Job *job, const int *line, int i, int j, float *out, int rows) {
  const int n = job->images, width = line[VALUES + 1], height = line[5], features = line[7];
  const int *a = line + VALUES + VALUE, *b = a + VALUE;
  set_out(job, line, i, j, out, rows, width);
  int window = features, taps = line[6];
  if (rows == 1) window = line[6] * features, taps = 1;  // columns lie side by side
  const float *tap = job->weights + address(b, i, j, n, 0);
  for (int below = 0; below < height; below++) {
    const float *x = job->memory + address(a, i, j, n, below);
    for (int t = 0; t < taps; t++, tap += window * width) add_product(x + t * n * features, rows, window, tap, width, out);
  }
  finish(line, out, rows * width);
}

static void gather(const Job *job, const int *line, int i, int j, float *out) {
  const int n = job->images, width = line[VALUES + 1], columns = line[6], features = line[7], stride = line[8], spread = line[9];
  const int runs = n == 1 ? 1 : columns, length = n == 1 ? columns * features : features;  // of numbers that lie side by side
  for (int below = 0; below < line[5]; below++) {
    const float *x = job->memory + address(line + VALUES + VALUE, i, j, n, below);
    for (int place = 0; place < line[3]; place++)
      for (int image = 0; image < n; image++) {
        float *to = out + (place * spread * n + image) * width + line[10] + below * columns * features;
        for (int run = 0; run < runs; run++, to += length) copy(to, x + ((place * stride + run) * n + image) * features, length);
      }
  }
}

alone void operate(const Job *job, const int *line, int i, int j, int plane) {
  const int n = job->images, rows = line[3] * n, width = line[VALUES + 1];
  const int *a = line + VALUES + VALUE, *b = a + VALUE;
  float *out = job->memory + address(line + VALUES, i, j, n, 0);
  if (*line == DOT) return dot(job, line, i, j, out, rows);
  if (*line == GATHER) return gather(job, line, i, j, out);
  const float *x = (a[9] ? job->memory : job->weights) + address(a, i, j, n, 0);
  float *y = job->memory + address(b, i, j, n, 0);
  switch (*line) {
    case ADD:
      copy(out, x, rows * width);
      if (*b != ABSENT) plus(job, b, i, j, out, rows, width);
      finish(line, out, rows * width);
      break;
    case GATE:
      for (int r = 0; r < rows; r++) gates(out + r * width, x + 2 * r * width, x + (2 * r + 1) * width, width);
      if (*b != ABSENT) plus(job, b, i, j, out, rows, width);
      break;
    case GATED_SUM:
      for (int r = 0; r < rows; r++)
        gated_sum(out + r * width, x + r * width, y + 2 * r * width, y + (2 * r + 1) * width, width);
      break;
    case ELU: elus(out, x, rows * width); break;
    case CONCAT_ELU:
      for (int r = 0; r < rows; r++) concat_elu(out + 2 * r * a[1], out + (2 * r + 1) * a[1], x + r * a[1], a[1]);
      break;
    case CELL:
      for (int r = 0; r < rows; r++) cell(out + r * width, y + r * width, x + 4 * r * width, width);
      break;
    case MIXTURE:
      for (int r = 0; r < n; r++) mixture(x + r * a[1], y + r * b[1], plane, job->levels, out + r * width, width / 3);
      break;
    case LOG_MEAN:
      for (int r = 0; r < n; r++) log_mean(job->memory + address(a, i, j, n, 0) + r * a[1], a[1], job->levels, out + r * width, width);
      break;
    default: clear(out, rows * width);
  }
}

// --- all of it ---

// Draws the missing ones of plane `plane` of pixel (i, j), and says what is asked for of the known ones.
static void decide(const Job *job, int i, int j, int plane) {
  const int size = job->size, count = job->mixtures ? 3 * job->mixtures : job->levels, pixel = i * size + j;
  const float *numbers = job->memory + address(job->output, i, j, job->images, 0) + (job->every_plane ? plane * count : 0);
  float *own = job->memory + address(job->image, i, j, job->images, 0) + plane;
  if (job->odds && pixel == job->asked) logits_of(job, numbers, job->odds + plane * job->levels, job->scratch);
  for (int b = 0; b < job->images; b++, numbers += job->output[1], own += job->image[1]) {
    const int at = (b * job->planes + plane) * size * size + pixel, place = b * size * size + pixel;
    if (job->missing[place]) job->x[at] = (float)((double)drawn(job, numbers, job->noise[at]) / (job->levels - 1));
    else if (job->nats && job->wanted[i]) job->nats[place] += surprise(job, numbers, __builtin_rintf(job->x[at] * (job->levels - 1)));
    *own = 2 * job->x[at] - 1;
  }
}

// Writes pixels `first` to `last`, the latter excluded.
__attribute__((export_name("run"))) void run(const Job *job, int first, int last) {
  const int *end = job->table + job->operations * LINE, *pixels = job->table + job->rows * LINE;
  for (int pixel = first; pixel < last; pixel++) {
    const int i = pixel / job->size, j = pixel % job->size;
    if (j == 0)
      for (const int *line = job->table; line < pixels; line += LINE)
        if (i >> line[2] << line[2] == i && (i || line[1] != LATER_ROW)) operate(job, line, i, 0, 0);
    for (int plane = 0; plane < job->planes; plane++) {
      if (job->chained || job->wanted[i])
        for (const int *line = pixels; line < end; line += LINE)
          if ((plane == 0 || line[1] != PIXEL) && (i | j) >> line[2] << line[2] == (i | j)) operate(job, line, i, j, plane);
      decide(job, i, j, plane);
    }
    float *own = job->memory + address(job->image, i, j, job->images, 0);
    for (int b = 0; b < job->images; b++)
      for (int p = job->planes; p < job->image[1]; p++) own[b * job->image[1] + p] = 1;
  }
}
