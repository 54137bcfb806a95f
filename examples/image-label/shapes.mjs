// Draws the shapes that image-label knows, turned, scaled and bent by a seeded chance.

export const LABELS = ["circle", "cross", "ring", "square", "star", "triangle"];

/** Mulberry32: numbers in 0..1. */
export function chance(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function polygon(corners, radiusOf) {
  const points = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners - Math.PI / 2;
    return [radiusOf(i) * Math.cos(angle), radiusOf(i) * Math.sin(angle)];
  });
  return (x, y) => {
    let inside = false;
    for (let i = 0, j = corners - 1; i < corners; j = i++) {
      const [xi, yi] = points[i], [xj, yj] = points[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  };
}

/** Whether a point, in units of the shape's radius, is inside. */
function inside(label, next) {
  switch (label) {
    case "circle": return (x, y) => x * x + y * y <= 1;
    case "ring": {
      const hole = 0.45 + 0.3 * next();
      return (x, y) => x * x + y * y <= 1 && x * x + y * y >= hole * hole;
    }
    case "square": return (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 0.8;
    case "cross": {
      const arm = 0.18 + 0.14 * next();
      return (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 1 && Math.min(Math.abs(x), Math.abs(y)) <= arm;
    }
    case "triangle": return polygon(3, () => 1);
    case "star": {
      const inner = 0.36 + 0.12 * next();
      return polygon(10, (i) => (i % 2 === 0 ? 1 : inner));
    }
  }
}

/** How much of each pixel the shape covers, 0..1, row by row. */
export function draw(label, width, height, next) {
  const hit = inside(label, next);
  const turn = 2 * Math.PI * next();
  const radius = Math.min(width, height) * (0.22 + 0.2 * next());
  const stretch = 0.9 + 0.2 * next();
  const cx = width / 2 + (next() - 0.5) * (width - 2.2 * radius);
  const cy = height / 2 + (next() - 0.5) * (height - 2.2 * radius);
  const cover = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let hits = 0;
      for (let sub = 0; sub < 16; sub++) {
        const dx = (x + ((sub & 3) + 0.5) / 4 - cx) / radius;
        const dy = (y + ((sub >> 2) + 0.5) / 4 - cy) / (radius * stretch);
        const u = dx * Math.cos(turn) + dy * Math.sin(turn);
        const v = -dx * Math.sin(turn) + dy * Math.cos(turn);
        if (hit(u, v)) hits++;
      }
      cover[y * width + x] = hits / 16;
    }
  }
  return cover;
}
