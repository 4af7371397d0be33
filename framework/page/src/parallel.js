// Parallel coordinates: an axis for each key that groups differ in, and one for a metric.
import { chart, tip, tooltip } from './chart.js';
import { saveButton, select } from './controls.js';
import { el, section } from './document.js';
import { chosen, groups, keys, metricNamed, metricOptions, metrics, valueText } from './groups.js';
import { meanText, shortNumber } from './numbers.js';
import { pageColours, rampColour, rampGradient } from './theme.js';

const MOST_CATEGORIES = 8;
const NONE = '–';

/** Numbers of many values have a scale, everything else its values in order. */
function axisOf({ key, label }, dim) {
  const values = groups.map((group) => group.value(key));
  const distinct = [...new Set(values)];
  const numbers = distinct.filter((value) => value !== undefined && value !== null);
  const numeric = numbers.length > 0 && numbers.every((value) => typeof value === 'number');
  if (numeric && numbers.length === distinct.length && distinct.length > MOST_CATEGORIES) {
    const [least, greatest] = [Math.min(...numbers), Math.max(...numbers)];
    const log = least > 0 && greatest / least > 30;
    return { axis: { dim, name: label, type: log ? 'log' : 'value', scale: true, min: least, max: greatest }, place: (value) => value };
  }
  distinct.sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : valueText(a).localeCompare(valueText(b), 'en', { numeric: true })));
  const texts = distinct.map((value) => valueText(value) || NONE);
  return { axis: { dim, name: label, type: 'category', data: texts }, place: (value) => valueText(value) || NONE };
}

export function parallel() {
  const able = metrics.filter((metric) => groups.filter((group) => group.metric(metric.name)?.mean !== null && group.metric(metric.name)).length > 1);
  if (groups.length < 2 || keys.length === 0 || able.length === 0) return null;
  const axes = keys.slice(0, 12).map(axisOf);
  const state = { metric: able.includes(chosen[0]) ? chosen[0] : able[0] };
  const ramp = el('div', { class: 'ramp' });

  /** Groups with their part of the way from the best mean to the worst. */
  function judged() {
    const list = groups.map((group) => ({ group, mean: group.metric(state.metric.name)?.mean })).filter(({ mean }) => typeof mean === 'number');
    const means = list.map(({ mean }) => mean);
    const [least, greatest] = [Math.min(...means), Math.max(...means)];
    const part = (mean) => {
      const up = greatest > least ? (mean - least) / (greatest - least) : 0;
      return state.metric.better === 'higher' ? 1 - up : up;
    };
    return { list: list.map((each) => ({ ...each, part: part(each.mean) })), least, greatest };
  }

  function option(width) {
    const { soft, line, ink, card } = pageColours();
    const phone = width < 600;
    const { list, least, greatest } = judged();
    const look = {
      nameTextStyle: { color: ink, fontSize: 12, fontWeight: 600 },
      nameGap: phone ? 0 : 14,
      z: 20,
      axisLine: { lineStyle: { color: soft } },
      axisTick: { show: false },
      minorTick: { show: false },
      axisLabel: { color: ink, fontSize: 11, backgroundColor: card, borderRadius: 3, padding: [1, 3], formatter: (value) => (typeof value === 'number' ? shortNumber(value) : value.length > 18 ? `${value.slice(0, 17)}…` : value) },
    };
    const nameOf = (i) => {
      if (phone) return { nameLocation: 'start', nameTextStyle: { ...look.nameTextStyle, align: 'left', verticalAlign: 'bottom', padding: [0, 0, 7, 0], textBorderColor: card, textBorderWidth: 3 } };
      return { nameTextStyle: { ...look.nameTextStyle, align: i === 0 ? 'left' : i === axes.length ? 'right' : 'center' } };
    };
    const [best, worst] = state.metric.better === 'higher' ? [greatest, least] : [least, greatest];
    ramp.replaceChildren(
      `${state.metric.better ? 'best ' : ''}${shortNumber(best)}`,
      el('span', { style: { background: rampGradient } }),
      `${shortNumber(worst)}${state.metric.better ? ' worst' : ''}`);
    // The best are drawn last, above the others.
    const data = [...list].sort((a, b) => b.part - a.part).map(({ group, mean, part }) => ({
      name: String(group.index),
      value: [...axes.map(({ place }, i) => place(group.value(keys[i].key))), mean],
      lineStyle: { color: rampColour(part), width: 1.5 + 1.5 * (1 - part), opacity: list.length > 60 ? 0.55 : 0.85 },
    }));
    return {
      parallel: {
        layout: phone ? 'vertical' : 'horizontal',
        left: phone ? 16 : 24, right: phone ? 30 : 64, top: phone ? 30 : 44, bottom: phone ? 26 : 18,
        parallelAxisDefault: { ...look, areaSelectStyle: { borderColor: soft, color: line, opacity: 0.5 } },
      },
      parallelAxis: [
        ...axes.map(({ axis }) => axis),
        { dim: axes.length, name: state.metric.last, type: 'value', scale: true },
      ].map((axis, i) => ({ ...look, ...axis, ...nameOf(i) })),
      tooltip: tooltip({
        trigger: 'item',
        formatter: (item) => {
          const group = groups[Number(item.name)];
          return tip(group.name, [[item.color, state.metric.title, meanText(group.metric(state.metric.name))]]);
        },
      }),
      series: [{ type: 'parallel', smooth: 0.12, data, emphasis: { lineStyle: { width: 4, opacity: 1 } }, inactiveOpacity: 0.06 }],
    };
  }

  const drawing = chart({
    label: 'Parallel coordinates of the settings that groups differ in and one metric, a line a group',
    height: (width) => (width < 600 ? 110 + 80 * axes.length : 360),
    option,
  });
  return section('parallel', 'Settings and what came of them',
    'A line is a group, coloured by its mean. Drag along an axis to keep the lines that pass there; click the axis to keep all again.',
    el('div', { class: 'controls' },
      select('Metric', metricOptions(able), state.metric.name, (name) => { state.metric = metricNamed(name); drawing.update(); }),
      saveButton(drawing, 'settings')),
    drawing.box, ramp);
}
