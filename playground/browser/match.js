// One match of the live game in the worker: its players, its data set, and its moves by the graphs of playground/graphs/game.py.
let match = null; // {seed, generator, discriminator (each {weights, squares, moves}), data, density}

// Carries out an order and says what there is to see.  run(graph, feeds): a graph's outputs; Tensor: the runtime's.
// order: {begin: seed, lead} for a new match; {density, ink}: its data set, where that is another; rules: {d_rate, g_rate, loss, wired};
// move: "D", "G", or {rounds, until}: so many rounds, or fewer when `until` milliseconds have passed; measure: whether to.
// The answer: {rounds, moves, d_loss, g_loss (means over these moves, undefined without any), real, made, field, arrows, best, figures}.
export async function play(order, run, Tensor) {
  const began = performance.now(), { rules } = order;
  const number = (value) => new Tensor("float32", [value], []);
  const whole = (value, dims = []) => new Tensor("int64", [BigInt(value)], dims);
  const numbers = (values) => new Tensor("float32", Float32Array.from(values), [values.length]);

  if (order.begin !== undefined) {
    const seed = whole(order.begin), begun = await run("begin", { seed });
    const player = (weights) => ({ weights, squares: numbers(new Float32Array(weights.dims[0])), moves: whole(0) });
    match = { seed, generator: player(begun.generator), discriminator: player(begun.discriminator) };
  }
  if (order.density !== undefined) {
    match.density = whole(order.density, [1]);
    match.data = await run("data", { density: match.density, ink: numbers(order.ink) });
  }
  const { seed } = match, chances = { loss: numbers(rules.loss), wired: number(rules.wired) };
  const rates = { D: number(rules.d_rate), G: number(rules.g_rate) };
  const weights = () => ({ generator: match.generator.weights, discriminator: match.discriminator.weights, seed });

  const sums = { D: 0, G: 0 }, counts = { D: 0, G: 0 };
  async function move(mover) {
    const who = mover === "D" ? "discriminator" : "generator", { squares, moves } = match[who];
    const feeds = { ...weights(), squares, moves, rate: rates[mover], ...(mover === "D" ? { points: match.data.points } : chances) };
    const after = await run(mover === "D" ? "move_d" : "move_g", feeds);
    match[who] = { weights: after.weights_after, squares: after.squares_after, moves: after.moves_after };
    sums[mover] += after.value.data[0];
    counts[mover]++;
  }

  for (let i = 0; i < (order.lead ?? 0); i++) await move("D");
  counts.D = sums.D = 0;
  if (typeof order.move === "string") await move(order.move);
  for (let i = 0; i < (order.move?.rounds ?? 0); i++) {
    if (i && performance.now() - began > order.move.until) break;
    await move("D");
    await move("G");
  }

  const { made, field, arrows } = await run("view", { ...weights(), wired: chances.wired });
  const answer = { rounds: Number(match.generator.moves.data[0]), moves: Number(match.discriminator.moves.data[0]) };
  answer.d_loss = counts.D ? sums.D / counts.D : undefined;
  answer.g_loss = counts.G ? sums.G / counts.G : undefined;
  Object.assign(answer, { real: match.data.real.data.slice(), made: made.data.slice(), field: field.data.slice() });
  const each = arrows.data.length / arrows.dims[0];
  answer.arrows = Array.from({ length: arrows.dims[0] }, (_, i) => arrows.data.slice(i * each, (i + 1) * each));
  if (order.measure) {
    const { points, shares } = match.data;
    const { best, ...said } = await run("measure", { ...weights(), points, shares, density: match.density, ...chances });
    answer.best = best.data.slice();
    answer.figures = Object.fromEntries(Object.entries(said).map(([name, { data }]) => [name, Number(data[0])]));
  }
  return answer;
}
