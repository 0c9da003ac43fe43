module.exports = {
  data() {
    return { month: null, hover: null, playing: false, speed: 1, showTable: false, apart: false, more: false, showBaseline: true, ghost: null, focused: false,
      sizes: {}, last: null, aim: null, grabbed: false, ceiling: null };
  },
  computed: {
    payload() { return injae.unpack(this.parcel); },
    ready() { return Boolean(this.payload && this.payload.charts.length); },
    months() { return this.payload.dates.length - 1; },
    cursor() {
      const month = this.hover !== null ? this.hover : this.month === null ? this.payload.now : this.month;
      return Math.min(month, this.months);
    },
    playhead() { return Math.min(this.month === null ? this.payload.now : this.month, this.months); },
    years() {
      const marks = [];
      this.payload.dates.forEach((iso, month) => { if (iso.endsWith("-01") && month > 0) marks.push({ month, text: iso.slice(0, 4) }); });
      return marks;
    },
    spells() {
      const rows = [];
      this.payload.timeline.forEach((bar) => {
        const row = rows.find((other) => other.lever === bar.lever);
        if (row) row.bars.push(bar); else rows.push({ lever: bar.lever, title: bar.title, bars: [bar] });
      });
      const length = (bar) => bar.to - bar.from;
      return rows.map((row) => { // the title stands on the longest bar
        const longest = row.bars.reduce((a, b) => (length(b) > length(a) ? b : a));
        return { ...row, bars: row.bars.map((bar, n) => ({ ...bar, label: bar === longest ? row.title + ": " + bar.text : bar.text, last: n === row.bars.length - 1 })) };
      });
    },
    timeline() { return this.spells.filter((row) => row.bars.length > 1 || row.bars[0].from > 1 || row.bars[0].to < this.months); },
    steady() {
      return this.spells.filter((row) => !this.timeline.includes(row)).map((row) => row.title + " " + row.bars[0].text).join(" · ");
    },
    tableMonths() {
      const marks = this.payload.dates.map((iso, month) => (iso.endsWith("-12") ? month : -1)).filter((month) => month >= 0);
      return [...new Set([...marks, this.cursor])].sort((a, b) => a - b);
    },
    hasTarget() { return this.payload.charts.some((chart) => chart.target); },
    lines() { // the curves, or what the policy adds to the baseline, each with its own band
      if (!this.apart || this.opening) return this.payload.charts;
      return this.payload.charts.filter((chart) => chart.gap).map((chart) => ({ ...chart, mean: chart.gap, low: chart.gap_low, high: chart.gap_high, aleatory_low: null, aleatory_high: null, baseline: null, target: null }));
    },
    shapes() { return this.lines.map((chart) => this.shape(chart)); }, // what stays while time passes
    drawn() { return this.shapes.map((chart) => this.at(chart)); },
    rows() { return ["large", "small"].map((name) => ({ name, charts: this.drawn.filter((chart) => chart.small === (name === "small")) })); },
    cards() {
      return this.payload.cards.map((card) => {
        const chart = this.payload.charts.find((other) => other.name === card.chart);
        const value = chart.mean[this.cursor], gap = chart.gap ? chart.gap[this.cursor] : null;
        const better = gap === null ? 0 : gap * card.good, unsure = gap !== null && (!chart.gap_low || chart.gap_low[this.cursor] * chart.gap_high[this.cursor] <= 0), tiny = Math.pow(10, -injae.digits(value, card)) / 2; // half of the last digit shown
        return { ...card, value: this.show(value, card, true), gap: gap === null ? null : Math.abs(gap) < tiny ? this.words.almost_equal : this.gap(gap, { ...card, unit: this.lang === "en" && card.unit !== "%" ? "" : card.unit }),
          arrow: gap === null || Math.abs(gap) < tiny ? "" : gap > 0 ? "▲" : "▼",
          mood: Math.abs(gap) < tiny || !card.good || unsure ? "ij-same" : better > 0 ? "ij-good" : "ij-bad" };
      });
    },
    bindRows() {
      const { names, titles, who, share, weakest } = this.payload.binds;
      return ["universities", "hospitals"].map((kind) => ({ kind, title: kind === "hospitals" ? this.words.hospitals : this.words.universities,
        stages: names.map((name, n) => ({ name, title: titles[n], share: share[n][this.cursor], weak: weakest[kind][this.cursor] === n }))
          .filter((_, n) => who[n] === kind) }));
    },
    steps() {
      if (this.opening) return [];
      const { steps } = this.payload.pipeline || { steps: [] }, holds = this.payload.binds;
      const amount = (row, step) => (!row || (step.year && this.cursor < 12) ? "–" : injae.plain(row[this.cursor], 0));
      return steps.flatMap((step) => {
        const held = step.held, worst = held ? holds.weakest[held][this.cursor] : -1;
        const unit = step.year ? this.words.per_year : this.lang === "ko" ? step.unit : "";
        const own = { name: step.name, title: step.title, value: amount(step.mean, step), unit, holds: false,
          base: step.baseline && this.showBaseline ? this.words.baseline + " " + amount(step.baseline, step) : "" };
        const link = { name: "holds-" + held, title: held === "hospitals" ? this.words.binds_hospitals : this.words.binds_universities, value: holds.titles[worst], unit: "", holds: true, base: worst < 0 ? "" : holds.share[worst][this.cursor] + "%" };
        return worst < 0 ? [own] : [own, link];
      });
    },
    bars() {
      const why = this.payload.why || [];
      if (!why.length) return [];
      const low = Math.min(0, ...why.map((bar) => (bar.low === null ? bar.effect : bar.low)));
      const high = Math.max(0, ...why.map((bar) => (bar.high === null ? bar.effect : bar.high)));
      const at = (value) => (100 * (value - low)) / (high - low || 1), good = this.payload.charts.find((chart) => chart.name === this.focus).good;
      return why.map((bar) => {
        const [from, to] = bar.low === null ? [bar.effect, bar.effect] : [bar.low, bar.high];
        const [value, interval] = bar.text.split(" (");
        return { key: bar.lever, title: bar.title, zero: at(0) + "%", mood: bar.lever === "rest" || !good || from * to <= 0 ? "ij-same" : bar.effect * good >= 0 ? "ij-good" : "ij-bad", value, interval: interval ? "(" + interval : "",
          left: at(Math.min(0, bar.effect)) + "%", width: Math.abs(at(bar.effect) - at(0)) + "%", from: at(from) + "%", span: at(to) - at(from) + "%" };
      });
    },
    whyOf() {
      const of = this.payload.why_of;
      return of ? injae.date(of.date, this.lang) + ": " + of.text : "";
    },
  },
  watch: {
    payload(now, before) {
      const asked = (of) => of.id.replace(/&(lang|focus|month)=[^&]*/g, "");
      if (now && before && before.charts.length && asked(now) !== asked(before)) this.ghost = before;
      if (now && this.ghost && (asked(now) === asked(this.ghost) || now.lang !== this.ghost.lang || now.months !== this.ghost.months)) this.ghost = null;
      const names = (of) => (of ? of.charts.map((chart) => chart.name).join() : "");
      if (names(now) !== names(before)) this.$nextTick(this.watchSizes); // measuring makes the browser lay out twice
    },
    aimed() { if (!this.grabbed) this.aim = null; },
    showTable() { this.$nextTick(this.watchSizes); },
    ready() { this.$nextTick(this.watchSizes); },
  },
  mounted() {
    window.addEventListener("keydown", this.keys);
    this.observer = new ResizeObserver(this.measure);
    this.watchSizes();
  },
  beforeDestroy() { this.stop(); },
  beforeUnmount() { this.stop(); },
  methods: {
    stop() { clearInterval(this.grower); window.removeEventListener("keydown", this.keys); this.observer.disconnect(); this.playing = false; },
    fill(text, values) { return injae.fill(text, values); },
    dateOf(month) { return injae.date(this.payload.dates[month], this.lang); },
    percent(month) { return (100 * month) / this.months + "%"; },
    bareUnit(chart) { return this.lang === "en" && chart.unit !== "%"; },
    show(value, of, bare) { return injae.write(value, of, bare); },
    gap(value, of) { return injae.gap(value, of, this.lang); },
    barText(bar) {
      const own = bar.to - bar.from + 1, room = bar.last ? this.months - bar.from + 1 : own;
      if (bar.from > 0.65 * this.months) return { right: 100 - (100 * bar.to) / this.months + "%", maxWidth: this.percent(bar.to) };
      return { left: this.percent(bar.from - 1), maxWidth: this.percent(Math.max(own, room)) };
    },

    // ---- drawing
    watchSizes() {
      this.observer.disconnect();
      (this.$refs.plot || []).forEach((element) => this.observer.observe(element));
      this.measure();
    },
    measure() {
      const sizes = {};
      (this.$refs.plot || []).forEach((element) => { sizes[element.dataset.name] = Math.round(element.clientWidth); });
      if (JSON.stringify(sizes) !== JSON.stringify(this.sizes)) this.sizes = sizes;
    },
    shape(chart) {
      const w = this.sizes[chart.name] || 360, h = chart.small ? 150 : !this.opening ? 226 : window.innerWidth > 900 ? 330 : 170, left = 48, right = 14, top = 14, bottom = 24;
      const ghost = !this.apart && this.ghost && this.ghost.charts.find((other) => other.name === chart.name);
      const aim = this.aim && this.aim.name === chart.name ? this.aim.value : this.aimed && this.aimed.name === chart.name ? this.aimed.value : null;
      const reach = [...(chart.high || chart.mean), ...chart.mean, ...(chart.baseline || []), ...(ghost ? ghost.mean : []), chart.target ? chart.target.value : 0, this.ceiling && this.ceiling.name === chart.name ? this.ceiling.value : this.grabbed ? 0 : aim];
      const ticks = this.ticks(Math.min(0, ...(chart.low || chart.mean)), Math.max(...reach, 1e-9), chart.small ? 3 : 5);
      const x = (month) => left + ((w - left - right) * month) / this.months;
      const y = (value) => h - bottom - ((h - bottom - top) * (value - ticks.low)) / (ticks.high - ticks.low);
      const tenth = (at) => Math.round(10 * at) / 10, across = chart.mean.map((_, month) => tenth(x(month)));
      const points = (values) => values.map((value, month) => across[month] + " " + tenth(y(value)));
      const line = (values) => "M" + points(values).join("L");
      const area = (low, high) => line(high) + "L" + points(low).reverse().join("L") + "Z";
      const every = Math.ceil((this.years.length * 46) / (w - left - right));
      const pulled = !this.apart && this.pulled.includes(chart.name) && this.pull_month <= this.months ? chart.mean[this.pull_month] : null;
      return { ...chart, x, y, w, h, left, right, axisLow: ticks.low, axisHigh: ticks.high, unitStep: ticks.unit, step: ticks.unit / 20, top, valueAt: (at) => ticks.low + ((h - bottom - at) * (ticks.high - ticks.low)) / (h - bottom - top),
        aim: pulled === null ? null : { set: aim !== null, value: aim === null ? pulled : aim, x: x(this.pull_month), y: y(aim === null ? pulled : aim), from: y(pulled) },
        yTicks: ticks.at.map((value) => ({ at: y(value), text: injae.mark(value, ticks.unit) })),
        xTicks: this.years.filter((_, n) => n % every === 0).map((mark) => ({ at: x(mark.month), text: mark.text, anchor: x(mark.month) > w - 24 ? "end" : "middle" })),
        meanPath: line(chart.mean), aleatoryArea: chart.aleatory_low ? area(chart.aleatory_low, chart.aleatory_high) : "", area90: chart.low ? area(chart.low, chart.high) : "",
        basePath: chart.baseline ? line(chart.baseline) : "", ghostPath: ghost ? line(ghost.mean) : "",
        targetAt: chart.target ? { x: x(chart.target.month), y: y(chart.target.value) } : null };
    },
    at(chart) { // the same with the month that is shown
      const clip = this.playhead < this.months, { x, y } = chart;
      return { ...chart, parts: clip ? [{ name: "ij-future", clip: null }, { name: "ij-past", clip: "url(#past-" + chart.name + ")" }] : [{ name: "ij-past", clip: null }],
        clip: x(this.playhead), cx: x(this.cursor), dotY: y(chart.mean[this.cursor]),
        baseY: chart.baseline ? y(chart.baseline[this.cursor]) : null };
    },
    ticks(low, high, count) {
      const rough = (high - low) / count, size = Math.pow(10, Math.floor(Math.log10(rough)));
      const unit = [1, 2, 2.5, 5, 10].map((step) => step * size).find((step) => step >= rough);
      const first = Math.floor(low / unit), last = Math.ceil((high - unit * 0.02) / unit), at = [];
      for (let n = first; n <= last; n += 1) at.push(n * unit);
      return { low: first * unit, high: last * unit, at, unit };
    },
    spoken(chart) {
      const end = this.months, values = { title: chart.title, unit: chart.unit, first: this.dateOf(0), from: this.show(chart.mean[0], chart),
        last: this.dateOf(end), to: this.show(chart.mean[end], chart), low: chart.low ? this.show(chart.low[end], chart) : "–", high: chart.high ? this.show(chart.high[end], chart) : "–",
        baseline: chart.baseline ? this.show(chart.baseline[end], chart) : "–" };
      return injae.fill(this.words.chart_spoken, values);
    },

    // ---- pulling at a curve (pull.vue shows what comes of it)
    most(chart) { return chart.unit === "%" ? 100 : Infinity; },
    hold(chart, value) {
      const round = Math.round(value / chart.step) * chart.step;
      this.aim = { name: chart.name, value: Number(Math.min(Math.max(round, chart.axisLow), this.most(chart)).toPrecision(8)) };
    },
    grab(event, chart) {
      event.preventDefault();
      event.currentTarget.focus();
      event.currentTarget.setPointerCapture(event.pointerId);
      this.grabbed = true; this.playing = false; this.hover = null;
      this.aim = { name: chart.name, value: chart.aim.value };
      this.ceiling = { name: chart.name, value: chart.axisHigh }; // the axis stays while one drags below its top
      this.pointer = null;
      this.grower = setInterval(() => this.grow(chart.name), 220);
    },
    haul(event, chart) {
      if (!this.grabbed) return;
      this.pointer = event.clientY - event.currentTarget.parentElement.getBoundingClientRect().top;
      this.hold(chart, chart.valueAt(Math.max(this.pointer, chart.top)));
    },
    grow(name) { // held at the top or beyond, the axis grows
      const chart = this.drawn.find((other) => other.name === name);
      if (this.pointer === null || this.pointer > chart.top || chart.axisHigh >= this.most(chart)) return;
      this.ceiling = { name, value: chart.axisHigh + chart.unitStep };
      this.hold(chart, this.drawn.find((other) => other.name === name).axisHigh);
    },
    loosen() { clearInterval(this.grower); this.grabbed = false; this.ceiling = null; },
    drop(chart) {
      if (!this.grabbed) return;
      this.loosen();
      this.wish(chart);
    },
    wish(chart) {
      const { value } = this.aim, now = this.aimed && this.aimed.name === chart.name ? this.aimed.value : chart.mean[this.pull_month];
      if (Math.abs(value - now) < chart.step / 2) this.aim = null; // not moved
      else this.want({ series: chart.name, value });
    },
    nudge(event, chart) {
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (by) this.hold(chart, chart.aim.value + by * chart.step);
      else if (event.key === "Enter" && this.aim) this.wish(chart);
      else if (event.key === "Escape") this.aim = null;
      else return;
      event.preventDefault();
    },

    // ---- time
    point(event, chart) {
      if (this.playing || this.grabbed) return;
      const box = event.currentTarget.getBoundingClientRect(), left = 48, right = 14;
      const share = (event.clientX - box.left - left) / (box.width - left - right);
      this.hover = Math.round(Math.min(Math.max(share, 0), 1) * this.months);
    },
    seek(month) { this.hover = null; this.month = Math.min(Math.max(month, 0), this.months); },
    dropEvent(field) {
      this.drop_event({ name: field.value, month: Math.max(this.playhead, 1) });
      field.value = "";
    },
    step(by) { this.playing = false; this.seek(this.playhead + by); },
    toggle() {
      this.playing = !this.playing;
      if (!this.playing) return;
      this.hover = null;
      if (this.playhead >= this.months) this.month = 0;
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      let at = this.playhead, before = performance.now();
      const frame = (now) => {
        if (!this.playing) return;
        at += ((now - before) / 1000) * 10 * this.speed;
        before = now;
        const shown = calm ? Math.floor(at / 12) * 12 : Math.floor(at);
        this.month = Math.min(Math.max(shown, this.playhead), this.months);
        if (at >= this.months) { this.month = this.months; this.playing = false; } else window.requestAnimationFrame(frame);
      };
      window.requestAnimationFrame(frame);
    },
    keys(event) {
      if (!this.ready || injae.taken(event)) return;
      const actions = { " ": this.toggle, ArrowLeft: () => this.step(event.shiftKey ? -12 : -1), ArrowRight: () => this.step(event.shiftKey ? 12 : 1),
        b: () => { this.showBaseline = !this.showBaseline; }, t: () => { this.showTable = !this.showTable; } };
      const action = actions[injae.keyOf(event)];
      if (!action) return;
      event.preventDefault();
      action();
    },
  },
};
