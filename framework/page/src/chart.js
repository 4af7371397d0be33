// Charts by Apache ECharts, of which only what is used is bundled.
import { CustomChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import { GridComponent, ParallelComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import { el } from './document.js';
import { shortNumber } from './numbers.js';
import { onThemeChange, pageColours } from './theme.js';

use([CustomChart, LineChart, ParallelChart, ScatterChart, GridComponent, ParallelComponent,
  TooltipComponent, LabelLayout, SVGRenderer]);

/**
 * A chart that follows its box and the colours of the page. `option(width)` is asked anew at each
 * change; `height(width)` is in pixels.
 */
export function chart({ label, height, option }) {
  const box = el('div', { class: 'chart', role: 'img', 'aria-label': label });
  let instance = null;
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;

  function update() {
    const width = box.clientWidth;
    if (width === 0) return;
    box.style.height = `${height(width)}px`;
    if (instance === null) instance = init(box, null, { renderer: 'svg' });
    else instance.resize();
    const colours = pageColours();
    instance.setOption({
      animation: !still,
      animationDuration: 250,
      animationDurationUpdate: 250,
      textStyle: { fontFamily: colours.font, color: colours.ink },
      ...option(width),
    }, { notMerge: true });
  }

  let known = 0;
  new ResizeObserver(() => {
    if (box.clientWidth === known) return;
    known = box.clientWidth;
    update();
  }).observe(box);
  onThemeChange(update);

  /** The chart as a file of its own, as it is seen. */
  function save(name) {
    const svg = box.querySelector('svg').cloneNode(true);
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    svg.style.background = pageColours().card;
    const blob = new Blob([new XMLSerializer().serializeToString(svg)], { type: 'image/svg+xml' });
    const link = el('a', { href: URL.createObjectURL(blob), download: `${name}.svg` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  return { box, update, save };
}

/** A value axis in the page's colours. */
export function valueAxis(options) {
  const { soft, line } = pageColours();
  return {
    type: 'value',
    scale: true,
    nameLocation: 'middle',
    nameTextStyle: { color: soft, fontSize: 12 },
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { color: soft, formatter: shortNumber, hideOverlap: true },
    splitLine: { lineStyle: { color: line } },
    ...options,
  };
}

export function tooltip(options) {
  const { card, line, ink } = pageColours();
  return { confine: true, backgroundColor: card, borderColor: line, textStyle: { color: ink }, padding: [8, 10], ...options };
}

/** What a tooltip shows: a heading, and rows of [colour or null, text, ...]. */
export function tip(heading, rows) {
  return el('div', { class: 'tip' },
    el('b', {}, heading),
    el('table', {}, rows.map(([colour, ...cells]) => el('tr', {}, cells.map((cell, i) => el('td', {},
      i === 0 && colour ? el('span', { class: 'swatch', style: { background: colour } }) : null, cell))))));
}
