// Two metrics against each other, and the groups that no other beats in both.
import { chart, tip, tooltip, valueAxis } from './chart.js';
import { saveButton, select } from './controls.js';
import { el, section } from './document.js';
import { chosen, comparison, groups, metricNamed, metricOptions, metrics } from './groups.js';
import { intervalText, meanText } from './numbers.js';
import { groupColour, pageColours } from './theme.js';

const LOG_FROM = 30;
const known = (value) => typeof value === 'number' && Number.isFinite(value);

/** Those that none beats, being as good in both and better in one; from the best in x. */
export function frontOf(points, x, y) {
  const cost = (value, metric) => (metric.better === 'higher' ? -value : value);
  const costs = points.map((point) => [cost(point.x.mean, x), cost(point.y.mean, y)]);
  const beaten = (i) => costs.some(([a, b]) => a <= costs[i][0] && b <= costs[i][1] && (a < costs[i][0] || b < costs[i][1]));
  return points.map((point, i) => ({ point, costs: costs[i], on: !beaten(i) })).filter(({ on }) => on)
    .sort((a, b) => a.costs[0] - b.costs[0] || a.costs[1] - b.costs[1]).map(({ point }) => point);
}

/**
 * The ends of an estimate's interval; its mean where it has none. A log axis, which has no place for
 * what is 0 or less, ends them at a third of the least mean.
 */
export function endsOf(estimates, log) {
  const floor = log ? Math.min(...estimates.map(({ mean }) => mean)) / 3 : -Infinity;
  return estimates.map(({ mean, low, high }) => (known(low) && known(high) ? [Math.max(low, floor), high] : [mean, mean]));
}

/** Cross of a point's two intervals, which the axes have room for. */
function crosses(points, log) {
  const across = endsOf(points.map((point) => point.x), log.x);
  const upwards = endsOf(points.map((point) => point.y), log.y);
  return {
    type: 'custom',
    silent: true,
    z: 1,
    clip: true,
    data: points.map((point, i) => [point.x.mean, point.y.mean, ...across[i], ...upwards[i]]),
    encode: { x: [0, 2, 3], y: [1, 4, 5] },
    renderItem: (parameters, api) => {
      const { group, x, y } = points[parameters.dataIndex];
      const line = (from, to) => ({ type: 'line', shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: groupColour(group.index), lineWidth: 1.2, opacity: 0.45 } });
      const [left, right] = across[parameters.dataIndex];
      const [low, high] = upwards[parameters.dataIndex];
      const children = [];
      if (right > left) children.push(line(api.coord([left, y.mean]), api.coord([right, y.mean])));
      if (high > low) children.push(line(api.coord([x.mean, low]), api.coord([x.mean, high])));
      return { type: 'group', children };
    },
  };
}

export function pareto() {
  const able = metrics.filter((metric) => metric.better && groups.some((group) => known(group.metric(metric.name)?.mean)));
  if (groups.length < 2 || able.length < 2) return null;
  const varies = (metric) => new Set(groups.map((group) => group.metric(metric.name)?.mean)).size > 1;
  const asked = comparison.pareto?.metrics.map(metricNamed);
  const first = able.includes(chosen[0]) ? chosen[0] : able[0];
  const other = ['parameters', 'seconds', 'code_size'].map(metricNamed).find((metric) => metric && able.includes(metric) && varies(metric))
    ?? able.find((metric) => metric !== first);
  const state = asked ? { y: asked[0], x: asked[1] } : { y: first, x: other };
  const words = el('p', { class: 'hint below' });

  function option(width) {
    const { soft, ink, card } = pageColours();
    const { x, y } = state;
    const points = groups.map((group) => ({ group, x: group.metric(x.name), y: group.metric(y.name) })).filter((point) => known(point.x?.mean) && known(point.y?.mean));
    const front = frontOf(points, x, y);
    const wide = (pick) => {
      const values = points.map((point) => point[pick].mean);
      return Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) > LOG_FROM;
    };
    const log = { x: wide('x'), y: wide('y') };
    const across = points.map((point) => point.x.mean);
    const [left, right] = [Math.min(...across), Math.max(...across)];
    /** Names of points near an end reach inwards. */
    const align = (mean) => (mean - left < (right - left) / 6 ? 'left' : right - mean < (right - left) / 6 ? 'right' : 'center');
    const on = new Set(front.map((point) => point.group.index));
    words.textContent = `On the front, from the best by ${x.last}: ${front.map((point) => point.group.name).join('; ')}. `
      + 'No other group is as good in both means and better in one; intervals play no part in that.';
    const name = (metric) => `${metric.last}${metric.unit ? `, ${metric.unit}` : ''} (${metric.direction})`;
    return {
      grid: { left: 28, right: 24, top: 18, bottom: 30, outerBoundsMode: 'same', containLabel: true },
      xAxis: valueAxis({ type: log.x ? 'log' : 'value', name: name(x), nameGap: 28, boundaryGap: ['4%', '4%'] }),
      yAxis: valueAxis({ type: log.y ? 'log' : 'value', name: width < 600 ? '' : name(y), nameGap: 56, boundaryGap: ['8%', '8%'] }),
      tooltip: tooltip({
        trigger: 'item',
        formatter: (item) => {
          const point = points.find(({ group }) => group.index === Number(item.name));
          return tip(point.group.name, [
            [null, x.title, meanText(point.x), intervalText(point.x)],
            [null, y.title, meanText(point.y), intervalText(point.y)],
            [null, on.has(point.group.index) ? 'on the front' : 'another group is better', `n ${point.group.n}`, '']]);
        },
      }),
      series: [
        crosses(points, log),
        {
          // Steps, for between two of the front nothing better than the first is attained.
          type: 'line',
          silent: true,
          symbol: 'none',
          step: 'end',
          data: front.map((point) => [point.x.mean, point.y.mean]),
          lineStyle: { color: soft, width: 1.5, type: 'dashed' },
          tooltip: { show: false },
          z: 2,
        },
        {
          type: 'scatter',
          z: 3,
          data: points.map(({ group, x: a, y: b }) => ({
            name: String(group.index),
            value: [a.mean, b.mean],
            symbolSize: on.has(group.index) ? 14 : 9,
            itemStyle: { color: groupColour(group.index), borderColor: on.has(group.index) ? ink : card, borderWidth: on.has(group.index) ? 2 : 1, opacity: 0.95 },
            label: { show: on.has(group.index) && width >= 600, formatter: () => group.name, position: y.better === 'higher' ? 'top' : 'bottom', distance: 6, align: align(a.mean), color: ink, fontSize: 11, textBorderColor: card, textBorderWidth: 3, width: 260, overflow: 'truncate' },
          })),
          labelLayout: { hideOverlap: true, moveOverlap: 'shiftY' },
        },
      ],
    };
  }

  const drawing = chart({ label: 'Two metrics of each group against each other, with the Pareto front', height: (width) => (width < 600 ? 320 : 420), option });
  const choose = (axis, label) => select(label, metricOptions(able), state[axis].name, (name) => { state[axis] = metricNamed(name); drawing.update(); });
  return section('pareto', 'Pareto front',
    'A point is a group at its two means, with their 95 % intervals. Ringed ones are on the front.',
    el('div', { class: 'controls' }, choose('x', 'Across'), choose('y', 'Upwards'), saveButton(drawing, 'pareto')),
    drawing.box, words);
}
