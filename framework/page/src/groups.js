// The data of the page, and how groups and metrics are called.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
export const comparison = read('comparison');
export const details = read('details');

const valueOf = (point, key) => (Object.hasOwn(point, key) ? point[key] : undefined);
export const valueText = (value) => (value === undefined ? '' : String(value));

const shownKeys = details.keys.filter((key) => key.shown);
/** Keys in which groups differ; all shown ones where none do. */
export const keys = (() => {
  const differing = shownKeys.filter(({ key }) =>
    new Set(comparison.groups.map((group) => JSON.stringify(valueOf(group.point, key)))).size > 1);
  return differing.length > 0 ? differing : shownKeys;
})();

/** "vae, latent 8": names stand by themselves, other values behind their key. */
function nameOf(point) {
  const parts = keys.map(({ key, label }) => {
    const text = valueText(valueOf(point, key));
    return text === '' || key === 'variant' || key === 'dataset.name' ? text : `${label} ${text}`;
  });
  return parts.filter((part) => part !== '').join(', ') || 'all runs';
}

export const groups = comparison.groups.map((group, index) => ({
  ...group,
  index,
  name: nameOf(group.point),
  value: (key) => valueOf(group.point, key),
  /** The estimate of a metric, or undefined. */
  metric: (name) => (Object.hasOwn(group.metrics, name) ? group.metrics[name] : undefined),
}));

const RESOURCES = new Set(['parameters', 'seconds', 'samples_per_second', 'peak_memory_mib', 'code_size', 'compression_ratio', 'epochs', 'steps']);

export const metrics = comparison.metrics.map((metric) => {
  const cut = metric.name.lastIndexOf('/');
  const unit = { peak_memory_mib: 'MiB', samples_per_second: '1/s' }[metric.name] ?? metric.unit;
  return {
    ...metric,
    unit,
    path: metric.name.slice(0, Math.max(cut, 0)),
    last: metric.name.slice(cut + 1),
    resource: RESOURCES.has(metric.name),
    title: unit ? `${metric.name}, ${unit}` : metric.name,
    direction: metric.better ? `${metric.better} is better` : '',
  };
});
export const metricNamed = (name) => metrics.find((metric) => metric.name === name);
export const chosen = details.chosen.map(metricNamed);
export const metricOptions = (list) => list.map((metric) => [metric.name, metric.title]);
/** The group that `best` and `worse` go by, or undefined. */
export const leader = (metric) => groups[details.leads[metric.name]];
export const standing = (group, metric) => details.standings[metric.name]?.[group.index] ?? null;

/** What must be known to read a group's numbers: what its other runs came to. */
export function caveat(group, estimate) {
  const parts = Object.entries(group.statuses)
    .filter(([status]) => status !== 'completed')
    .map(([status, count]) => `${count} ${status}`);
  const repeats = (group.statuses.completed ?? 0) - group.n;
  if (repeats > 0) parts.push(repeats === 1 ? '1 repeats a seed' : `${repeats} repeat a seed`);
  if (estimate && estimate.not_finite > 0) parts.push(`${estimate.not_finite} not finite`);
  return parts.join(', ');
}
