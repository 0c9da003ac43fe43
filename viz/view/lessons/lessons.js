module.exports = {
  data() { return { width: 720, lines: [[]], at: 1, active: 0, touched: false, held: null, typed: null, /* in a field of the table, until it is left: runs that arrive meanwhile draw the page anew */ showTable: false, showNotes: false, month: 60, playing: false, timer: null, chosen: null, picked: null, code: "", links: "", left: 54, right: 20, top: 16, bottom: 28 }; },
  computed: {
    chart() { return this.content.chart; },
    dots() { return this.content.dots; },
    stepNames() { const w = this.words; return [w.ls_step1, w.ls_step2, w.ls_step3, w.ls_step4, w.ls_step5]; },
    height() { return this.width < 520 ? 270 : 400; },
    drawing() { return this.content.step === 1 && !this.content.open && Boolean(this.chart.given); },
    grain() { return (this.chart.most - this.chart.least) / 200; },
    drawn() { return this.chart.dates.length - this.chart.count; },
    missing() { return this.lines.reduce((all, points) => all + points.filter((v) => v === null).length, 0); },
    bands() { return this.content.step === 1 ? {} : this.content.step === 3 ? this.chart.bands : { ...this.chart.bands, tried: null, tried_all: null }; },
    model() { return (this.chart.range && this.bands.tried) || this.bands.curve || null; },
    mineThere() { return this.touched || this.content.guess.length > 0; },
    ticks() {
      const { least, most } = this.chart, rough = (most - least) / 5, size = Math.pow(10, Math.floor(Math.log10(rough)));
      const unit = [1, 2, 2.5, 5, 10].map((s) => s * size).find((s) => s >= rough * 0.99), out = [];
      for (let v = Math.ceil(least / unit) * unit; v <= most; v += unit) out.push(v || 0);
      return out;
    },
    yearMarks() { const every = Math.ceil((this.chart.dates.length * 42) / (this.width - this.left - this.right)); return this.chart.dates.map((iso, n) => ({ n, text: iso.slice(0, 4) })).filter((p) => p.n % every === 0); },
    mine() {
      return this.lines.map((points) => {
        const all = points.map((v, k) => ({ n: k + this.chart.count, v })).filter((p) => p.v !== null), last = this.chart.given && this.chart.given[this.chart.count - 1];
        let d = "", before = last === null || last === undefined ? null : this.chart.count - 1;
        if (before !== null) d = "M" + this.x(before) + " " + this.y(last);
        all.forEach((p) => { d += (before === p.n - 1 ? "L" : "M") + this.x(p.n) + " " + this.y(p.v); before = p.n; });
        return { d, dots: all };
      });
    },
    gaps() { // points of a begun drawing that are missing, at the height of what is drawn beside them
      if (!this.drawing || !this.touched) return [];
      return this.lines.flatMap((points, k) => points.map((v, n) => {
        if (v !== null) return null;
        const before = points.slice(0, n).reverse().find((one) => one !== null), after = points.slice(n).find((one) => one !== undefined && one !== null);
        const near = [before, after].filter((one) => one !== undefined), level = near.length ? near.reduce((a, b) => a + b) / near.length : this.chart.given[this.chart.count - 1];
        return { key: k + "-" + n, x: this.x(n + this.chart.count), y: this.y(level) };
      }).filter(Boolean));
    },
    classLines() {
      if (this.content.step < 2 || !this.content.group.lines || !this.chart.given) return [];
      const from = this.chart.count - 1, start = "M" + this.x(from) + " " + this.y(this.chart.given[from]);
      return this.content.group.lines.flatMap((drawn) => drawn.map((points) => start + points.map((v, k) => "L" + this.x(k + from + 1) + " " + this.y(v)).join("")));
    },
    valueAt() { return this.lines[this.active] ? this.lines[this.active][this.at - this.chart.count] : null; },
    valueNow() { return this.valueAt === null || this.valueAt === undefined ? this.chart.least : this.valueAt; },
    valueText() {
      const of = this.chart.range ? " (" + (this.active ? this.words.ls_high : this.words.ls_low) + ")" : "";
      return injae.fill(this.words.ls_point, { date: this.date(this.chart.dates[this.at]) + of, value: this.valueAt === null || this.valueAt === undefined ? this.words.ls_not_drawn : this.show(this.valueAt) });
    },
    spoken() {
      const end = this.chart.dates.length - 1, m = this.model, parts = [this.chart.title];
      if (m) parts.push(this.words.ls_model + " " + injae.fill(this.words.ls_point, { date: this.date(this.chart.dates[end]), value: this.show(m.mean[end]) + " (" + this.show(m.low[end]) + " – " + this.show(m.high[end]) + ")" }));
      this.content.guess.forEach((points) => parts.push(this.words.ls_yours + " " + this.show(points[points.length - 1])));
      return parts.join(". ");
    },
    triedText() {
      const t = this.bands.tried, ends = [...new Set([Math.min(2, t.mean.length - 1), 5, t.mean.length - 1])].filter((n) => n < t.mean.length);
      return ends.map((n) => injae.fill(this.words.ls_point, { date: this.date(this.chart.dates[n]), value: this.chart.range ? this.show(t.low[n], true) + " – " + this.show(t.high[n]) : this.show(t.mean[n]) })).join(" · ");
    },
    bars() {
      const h = this.content.group.histogram;
      if (!h || !h.n) return null;
      const least = h.edges[0], most = h.edges[h.edges.length - 1], at = (v) => 10 + (280 * (v - least)) / (most - least), top = Math.max(...h.counts);
      return { least, most, model: at(h.model), spoken: h.counts.map((c, n) => this.show(h.edges[n], true) + "–" + this.show(h.edges[n + 1], true) + ": " + c).join(", "),
        list: h.counts.map((count, n) => ({ n, count, x: at(h.edges[n]) + 1, w: at(h.edges[n + 1]) - at(h.edges[n]) - 2, h: (60 * count) / top, y: 96 - (60 * count) / top })) };
    },
    // ---- people
    people() {
      return this.dots.people.map((p) => {
        const places = new Int8Array(this.dots.dates.length).fill(-1);
        for (let k = 0; k < p.path.length; k += 2) places.fill(p.path[k + 1], p.path[k]);
        return { ...p, places, now: places[this.month] };
      });
    },
    counts() { const out = this.dots.places.map(() => 0); this.people.forEach((p) => { if (p.now >= 0) out[p.now] += 1; }); return out; },
    slots() { // everybody has an own slot in each place where they ever are, so that no dot moves for another one's sake
      const out = this.dots.places.map(() => ({}));
      this.people.forEach((p) => new Set(p.places).forEach((place) => { if (place >= 0) out[place][p.key] = Object.keys(out[place]).length; }));
      return out;
    },
    room() {
      const W = this.width, wide = W >= 620, gap = 14, cell = 14, boxes = [];
      const columns = wide ? [["enrolled"], ["seeking"], ["hospital", "firm", "university"], ["other_sector", "abroad", "left"]] : [["enrolled", "hospital", "university", "abroad"], ["seeking", "firm", "other_sector", "left"]];
      const w = (W - gap * (columns.length - 1)) / columns.length, per = Math.max(1, Math.floor((w - 18) / cell));
      const need = (name) => { const n = this.dots.places.findIndex((p) => p.name === name); return 34 + cell * Math.max(1, Math.ceil(Object.keys(this.slots[n]).length / per)); };
      const rows = Math.max(...columns.map((c) => c.length));
      const heights = wide ? null : [...Array(rows).keys()].map((r) => Math.max(...columns.map((c) => need(c[r]))));
      const tall = Math.max(...columns.map((c) => c.reduce((all, name) => all + need(name) + gap, -gap)));
      columns.forEach((column, c) => {
        let y = 1;
        const spare = wide ? (tall - column.reduce((all, name) => all + need(name) + gap, -gap)) / column.length : 0;
        column.forEach((name, r) => {
          const n = this.dots.places.findIndex((p) => p.name === name), h = wide ? need(name) + spare : heights[r];
          boxes.push({ n, name, title: this.dots.places[n].title, x: c * (w + gap) + 1, y, w: w - 2, h, per });
          y += h + gap;
        });
      });
      return { boxes, cell, height: (wide ? tall : heights.reduce((a, b) => a + b + gap, -gap)) + 2 };
    },
    spots() {
      const byPlace = {};
      this.room.boxes.forEach((b) => { byPlace[b.n] = b; });
      return this.people.map((p) => {
        let place = p.now;
        if (place < 0) { const later = p.places.subarray(this.month).find((n) => n >= 0); place = later === undefined ? 0 : later; }
        const b = byPlace[place], slot = this.slots[place][p.key] || 0;
        return { key: p.key, there: p.now >= 0, x: b.x + 16 + (slot % b.per) * this.room.cell, y: b.y + 36 + Math.floor(slot / b.per) * this.room.cell };
      });
    },
    dotsSpoken() { return injae.fill(this.words.ls_dots, { date: this.date(this.dots.dates[this.month]), places: this.dots.places.map((p, n) => p.title + " " + this.counts[n]).join(", ") }); },
    life() {
      const p = this.dots && this.people.find((other) => other.key === this.chosen);
      if (!p) return null;
      const spells = [];
      p.places.forEach((place, from) => { const end = spells[spells.length - 1]; if (end && end.place === place) end.length += 1; else spells.push({ from, length: 1, place }); });
      const there = spells.filter((s) => s.place >= 0);
      return { ...p, spells: there, places: [...new Set(there.map((s) => s.place))] };
    },
  },
  watch: {
    "content.number"() { this.pause(); this.month = 60; this.chosen = null; this.load(); },
    "content.open"() { this.load(); },
    "content.step"() { this.pause(); this.$nextTick(this.watchSize); },
    "content.answer"(now) { this.picked = now; },
    showTable() { this.$nextTick(this.watchSize); },
    dots() { this.$nextTick(this.watchSize); },
    "content.group.code"(now) { this.code = now; },
    "content.group.note"() { this.links = ""; },
  },
  mounted() {
    window.addEventListener("keydown", this.keys);
    this.observer = new ResizeObserver(this.measure);
    this.code = this.content.group.code;
    this.load();
    this.watchSize();
    this.here(window.location.origin + window.location.pathname);
  },
  beforeDestroy() { this.stop(); },
  beforeUnmount() { this.stop(); },
  methods: {
    stop() { window.removeEventListener("keydown", this.keys); this.observer.disconnect(); this.pause(); },
    fill(text, values) { return injae.fill(text, values); },
    date(iso) { return injae.date(iso, this.lang); },
    show(value, bare) { return injae.write(value, this.chart, bare || (this.lang === "en" && this.chart.unit !== "%")); },
    runsOf(count) { return injae.fill(this.words.ls_runs, { n: count }); },
    load() { // the guess as it was made, or nothing drawn yet
      const made = this.content.guess;
      this.lines = made.length ? made.map((points) => points.slice()) : [...Array(this.chart.range ? 2 : 1)].map(() => Array(this.drawn).fill(null));
      this.touched = made.length > 0;
      this.at = this.chart.count;
      this.active = 0;
      this.picked = this.content.answer;
    },
    clear() { this.lines = this.lines.map((points) => points.map(() => null)); this.touched = false; },
    watchSize() { this.observer.disconnect(); if (this.$refs.plot) this.observer.observe(this.$refs.plot); this.measure(); },
    measure() { const plot = this.$refs.plot; if (plot && plot.clientWidth && plot.clientWidth !== this.width) this.width = plot.clientWidth; },
    x(n) { return Number((this.left + ((this.width - this.left - this.right) * n) / (this.chart.dates.length - 1)).toFixed(1)); },
    y(value) { const { least, most } = this.chart, v = Math.min(most, Math.max(least, value)); return Number((this.height - this.bottom - ((this.height - this.bottom - this.top) * (v - least)) / (most - least)).toFixed(1)); },
    line(values) { return values.map((v, n) => (n ? "L" : "M") + this.x(n) + " " + this.y(v)).join(""); },
    area(band) { return this.line(band.high) + band.low.map((v, n) => [n, v]).reverse().map(([n, v]) => "L" + this.x(n) + " " + this.y(v)).join("") + "Z"; },
    // ---- drawing
    put(k, index, value) {
      if (!Number.isFinite(value)) return;
      const { least, most } = this.chart, kept = Math.min(most, Math.max(least, Math.round((value - least) / this.grain) * this.grain + least));
      this.lines = this.lines.map((points, n) => (n === k ? points.map((v, m) => (m === index ? kept : v)) : points));
      this.touched = true;
    },
    place(event) {
      const box = this.$refs.svg.getBoundingClientRect(), { least, most, dates, count } = this.chart;
      const n = Math.round(((event.clientX - box.left - this.left) / (box.width - this.left - this.right)) * (dates.length - 1));
      const value = least + ((this.height - this.bottom - (event.clientY - box.top)) / (this.height - this.bottom - this.top)) * (most - least);
      return { n: Math.min(dates.length - 1, Math.max(count, n)), value: Math.min(most, Math.max(least, value)) };
    },
    press(event) {
      if (!this.drawing || event.button > 0) return;
      event.preventDefault();
      this.$refs.svg.focus({ preventScroll: true }); // where the finger is stays where it is
      try { this.$refs.svg.setPointerCapture(event.pointerId); } catch (error) { /* a pointer that is already gone */ }
      const p = this.place(event);
      if (this.chart.range) {
        const [low, high] = this.lines.map((points) => points[p.n - this.chart.count]);
        if (low !== null && high !== null) this.active = Math.abs(low - p.value) <= Math.abs(high - p.value) ? 0 : 1;
        else if (low === null && high === null) this.active = this.lines[0].every((v) => v === null) ? 0 : this.lines[1].every((v) => v === null) ? 1 : this.active;
        else this.active = low === null ? 0 : 1;
      }
      this.held = p;
      this.at = p.n;
      this.put(this.active, p.n - this.chart.count, p.value);
    },
    drag(event) {
      if (!this.drawing || !this.held) return;
      const p = this.place(event), from = this.held, way = Math.sign(p.n - from.n);
      for (let n = from.n + way; way && n !== p.n + way; n += way) this.put(this.active, n - this.chart.count, from.value + ((p.value - from.value) * (n - from.n)) / (p.n - from.n));
      if (!way) this.put(this.active, p.n - this.chart.count, p.value);
      this.held = p;
      this.at = p.n;
    },
    release() { this.held = null; },
    keysOnChart(event) {
      if (!this.drawing || event.ctrlKey || event.metaKey || event.altKey) return;
      const last = this.chart.dates.length - 1, step = (event.shiftKey ? 20 : 2) * this.grain;
      const k = this.at - this.chart.count, points = this.lines[this.active];
      const base = points[k] !== null ? points[k] : k > 0 && points[k - 1] !== null ? points[k - 1] : this.chart.given[this.chart.count - 1];
      const raise = (by) => this.put(this.active, k, base + by);
      const go = (n) => { if (points[k] === null && this.touched) this.put(this.active, k, base); this.at = Math.min(last, Math.max(this.chart.count, n)); };
      const actions = { ArrowUp: () => raise(step), ArrowDown: () => raise(-step), PageUp: () => raise(20 * this.grain), PageDown: () => raise(-20 * this.grain), ArrowRight: () => go(this.at + 1), ArrowLeft: () => go(this.at - 1), Home: () => { this.at = this.chart.count; }, End: () => go(last),
        l: () => { if (this.chart.range) this.active = 0; }, h: () => { if (this.chart.range) this.active = 1; } };
      const action = actions[injae.keyOf(event)];
      if (!action) return;
      event.preventDefault();
      action();
    },
    // ---- time
    toggle() { if (this.playing) this.pause(); else this.play(); },
    play() {
      if (this.month >= this.dots.dates.length - 1) this.month = 0;
      this.playing = true;
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches; // then a year at a time, as on the board
      this.timer = setInterval(() => {
        const end = this.dots ? this.dots.dates.length - 1 : 0;
        if (this.month >= end) this.pause(); else this.month = Math.min(end, this.month + (calm ? 12 : 1));
      }, calm ? 1200 : 220);
    },
    pause() { clearInterval(this.timer); this.playing = false; },
    seek(month) { this.pause(); this.month = Math.max(0, Math.min(this.dots.dates.length - 1, month)); },
    keys(event) {
      if (this.content.step !== 4 || !this.dots || injae.taken(event)) return;
      const actions = { " ": this.toggle, ArrowLeft: () => this.seek(this.month - (event.shiftKey ? 12 : 1)), ArrowRight: () => this.seek(this.month + (event.shiftKey ? 12 : 1)), t: () => { this.showTable = !this.showTable; } };
      const action = actions[injae.keyOf(event)];
      if (!action) return;
      event.preventDefault();
      action();
    },
  },
};
