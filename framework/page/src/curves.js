// Losses by epoch: the mean over seeds, and a band around it.
import { chart, tip, tooltip, valueAxis } from './chart.js';
import { checkbox, legend, saveButton, select } from './controls.js';
import { counted, el, section } from './document.js';
import { details, groups } from './groups.js';
import { shortNumber } from './numbers.js';
import { groupColour, groupDash, onThemeChange } from './theme.js';

const SHOWN_AT_FIRST = 6;
const BANDS = {
  interval: { text: '95 % interval of the mean', low: 'low', high: 'high' },
  range: { text: 'least to greatest seed', low: 'least', high: 'greatest' },
  none: { text: 'none' },
};

const curveOf = (group, metric) => details.curves[group.index].find((curve) => curve.metric === metric);

/** The points of a band; none where there is no band, as of one seed. */
function bandOf(curve, band, floor) {
  if (!band.low) return [];
  return curve.epoch
    .map((epoch, i) => [epoch, curve[band.low][i], curve[band.high][i]])
    .filter(([, low, high]) => low !== null && high !== null)
    .map(([epoch, low, high]) => [epoch, floor === null ? low : Math.max(low, floor), high]);
}

function bandSeries(points, colour) {
  return {
    type: 'custom',
    data: points,
    encode: { x: 0, y: [1, 2] },
    silent: true,
    tooltip: { show: false },
    z: 1,
    clip: true,
    renderItem: (parameters, api) => {
      if (parameters.dataIndex !== 0) return null;
      const upper = points.map(([epoch, , high]) => api.coord([epoch, high]));
      const lower = points.map(([epoch, low]) => api.coord([epoch, low])).reverse();
      return { type: 'polygon', shape: { points: [...upper, ...lower] }, style: { fill: colour, opacity: 0.16 } };
    },
  };
}

export function curves() {
  const with_ = groups.filter((group) => details.curves[group.index]?.length > 0);
  const metrics = ['train/loss', 'validation/loss', 'test/loss'].filter((name) => with_.some((group) => curveOf(group, name)));
  if (metrics.length === 0) return null;
  const state = { metric: metrics.includes('validation/loss') ? 'validation/loss' : metrics[0], band: 'interval', log: false };
  const shown = new Set(with_.slice(0, SHOWN_AT_FIRST).map((group) => group.index));

  const visible = () => with_.filter((group) => shown.has(group.index) && curveOf(group, state.metric));
  const canLog = () => with_.every((group) => (curveOf(group, state.metric)?.mean ?? []).every((mean) => mean > 0));

  function option() {
    const log = state.log && canLog();
    const list = visible();
    const band = BANDS[state.band];
    const floor = log ? Math.min(...list.flatMap((group) => curveOf(group, state.metric).least).filter((value) => value > 0)) : null;
    const series = [];
    for (const group of list) {
      const curve = curveOf(group, state.metric);
      const colour = groupColour(group.index);
      const points = bandOf(curve, band, floor);
      if (points.length > 1) series.push(bandSeries(points, colour));
      series.push({
        type: 'line',
        name: String(group.index),
        data: curve.epoch.map((epoch, i) => [epoch, curve.mean[i]]),
        showSymbol: curve.epoch.length === 1,
        symbolSize: 6,
        lineStyle: { color: colour, width: 2, type: groupDash(group.index) },
        itemStyle: { color: colour },
        z: 3,
      });
    }
    return {
      grid: { left: 8, right: 16, top: 12, bottom: 28, outerBoundsMode: 'same', containLabel: true },
      xAxis: valueAxis({ name: 'epoch', nameGap: 26, min: 'dataMin', max: 'dataMax', minInterval: 1, splitLine: { show: false } }),
      yAxis: valueAxis(log ? { type: 'log' } : {}),
      tooltip: tooltip({
        trigger: 'axis',
        formatter: (items) => {
          const epoch = items[0].value[0];
          const rows = items.filter((item) => item.seriesType === 'line').map((item) => {
            const group = groups[Number(item.seriesName)];
            const curve = curveOf(group, state.metric);
            const i = curve.epoch.indexOf(item.value[0]);
            const ends = band.low && curve[band.low][i] !== null ? `${shortNumber(curve[band.low][i])} to ${shortNumber(curve[band.high][i])}` : '';
            return [groupColour(group.index), group.name, shortNumber(curve.mean[i]), ends, `n ${curve.n[i]}`];
          });
          return tip(`epoch ${epoch}`, rows);
        },
      }),
      series,
    };
  }

  const drawing = chart({ label: 'Curves of the loss by epoch, a line a group', height: (width) => (width < 600 ? 300 : 400), option });
  const log = checkbox('log axis', false, (on) => { state.log = on; drawing.update(); });
  const explain = el('p', { class: 'hint below' });
  function refresh() {
    log.firstChild.disabled = !canLog();
    log.title = canLog() ? '' : 'Some values are not above 0';
    explain.textContent = [
      'Lines are means over the seeds that count.',
      { interval: 'Bands are 95 % intervals of that mean (Student’s t): with few seeds they are wide.',
        range: 'Bands reach from the least to the greatest seed.', none: '' }[state.band],
      visible().length < with_.length ? `${visible().length} of ${counted(with_.length, 'group')} are on; the buttons above switch them.` : '',
      with_.length < groups.length ? `${counted(with_.length, 'group')} of ${groups.length} have curves here.` : '',
    ].filter(Boolean).join(' ');
    drawing.update();
  }
  const buttons = legend(with_, shown, groupColour, refresh);
  onThemeChange(buttons.recolour);
  refresh();
  return section('curves', 'Training curves', null,
    el('div', { class: 'controls' },
      select('Loss', metrics.map((name) => [name, name]), state.metric, (name) => { state.metric = name; refresh(); }),
      select('Band', Object.entries(BANDS).map(([key, { text }]) => [key, text]), state.band, (name) => { state.band = name; refresh(); }),
      log, saveButton(drawing, 'curves')),
    buttons.box, drawing.box, explain);
}
