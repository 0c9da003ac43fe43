module.exports = {
  data() {
    return { month: 0, width: 900, playing: false, showFlows: true, showTable: false, searchToo: false, find: "", few: 12, whole: {}, tip: null, rover: null, spokenNow: "", timer: null, spoke: null,
      shapes: { programme: "M0 -6.5L6 0L0 6.5L-6 0Z", core: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z", start: "M-4.6 -4.6H4.6V4.6H-4.6Z", clinician: "M-1.9 -5.6H1.9V-1.9H5.6V1.9H1.9V5.6H-1.9V1.9H-5.6V-1.9H-1.9Z", immigrant: "M0 -6L5.8 4.6H-5.8Z" } };
  },
  computed: {
    states() { return ["", "enrolled", "retraining", "seeking", "hospital", "firm", "university", "other_sector", "abroad", "left"]; }, // by code
    ready() { return Boolean(this.payload && this.payload.stocks); },
    last() { return this.payload.months; },
    chosenKey() { return this.story && this.story.what === "person" ? this.story.key : null; },
    years() {
      const every = this.width < 560 ? 2 : 1, marks = [];
      this.payload.dates.forEach((iso, month) => { if (iso.endsWith("-01") && month > 0) marks.push({ month, text: iso.slice(0, 4) }); });
      return marks.filter((_, n) => n % every === 0);
    },
    nodeOf() { const out = {}; this.payload.nodes.forEach((node, n) => { out[node.name] = n; }); return out; },
    // values of every institution in every month, read from what changed
    stage() { return this.unpack(this.payload.hospitals.stage); },
    hospitalStaff() { return this.unpack(this.payload.hospitals.staff); },
    firmStaff() { return this.unpack(this.payload.firms.staff); },
    people60() {
      const known = new Set(this.payload.people.map((p) => p.key)), mine = this.story && this.story.person;
      const all = mine && !known.has(mine.key) ? [...this.payload.people, mine] : this.payload.people;
      return all.map((p) => {
        const states = new Uint8Array(this.last + 1), rows = new Int32Array(this.last + 1).fill(-1);
        for (let k = 0; k < p.path.length; k += 3) { states.fill(p.path[k + 1], p.path[k]); rows.fill(p.path[k + 2], p.path[k]); }
        return { key: p.key, mark: p.mark, title: p.title, states, rows };
      });
    },
    // where everything is drawn
    plan() {
      const W = this.width, wide = W >= 620, gap = wide ? 24 : 10, blocks = [], spots = { hospital: [], firm: [], university: [] };
      const t = this.payload.terms.block, of = (region) => (region ? this.words.in_provinces : this.words.in_capital);
      const { hospitals, firms, universities } = this.payload;
      const block = (id, title, nodes, x, y, width, h) => { const b = { id, title, nodes: nodes.map((n) => this.nodeOf[n]), x, y, w: width, h }; blocks.push(b); return b; };
      const middle = wide ? Math.round(W * 0.23) : 0;
      const left = wide ? Math.round((W - middle - 2 * gap) * 0.47) : W, right = wide ? W - middle - 2 * gap - left : W;
      const columns = wide ? [{ x: 0, w: left }, { x: left + middle + 2 * gap, w: right }] : [{ x: 0, w: W }, { x: 0, w: W }];
      const mid = wide ? { x: left + gap, w: middle } : { x: 0, w: W };
      const row = (heights, y) => (wide ? { ys: heights.map(() => y), next: y + Math.max(...heights) + gap } : { ys: heights.reduce((ys, h, n) => [...ys, n ? ys[n - 1] + heights[n - 1] + gap : y], []), next: y + heights.reduce((a, b) => a + b + gap, 0) });
      let y = 0;
      // universities
      const inRegion = [0, 1].map((region) => universities.map((u, n) => n).filter((n) => universities[n].region === region));
      const uni = inRegion.map((rows) => 34 + rows.length * 14), uniRow = row(uni, y), uniMax = Math.max(...uni);
      [0, 1].forEach((region) => {
        const b = block("u" + region, t.universities + " · " + of(region), region ? ["students_provinces", "teachers_provinces"] : ["students_capital", "teachers_capital"], columns[region].x, uniRow.ys[region], columns[region].w, wide ? uniMax : uni[region]);
        const name = Math.min(b.w * 0.62, 8 + Math.max(...inRegion[region].map((n) => this.wide(universities[n].name)))), most = Math.max(...universities.flatMap((u) => [Math.max(...u.seats), Math.max(...u.enrolled)]));
        inRegion[region].forEach((n, k) => { spots.university[n] = { x: b.x + 10, left: b.x + 10 + name, y: b.y + 30 + k * 14, scale: (b.w - name - 22) / most, name }; });
      });
      if (wide) block("retraining", t.retraining, ["retraining"], mid.x, uniRow.ys[0], mid.w, uniMax);
      y = uniRow.next;
      // hospitals, tier by tier, the tertiary ones largest
      const cells = [14, 9.5, 7], sizes = [5.2, 3.5, 2.5];
      const regionOf = (digits, region) => [...digits].map((d, n) => (Number(d) === region ? n : -1)).filter((n) => n >= 0);
      const fields = [0, 1].map((region) => {
        const width = columns[region].w - 20, dots = []; let top = 30;
        [0, 1, 2].forEach((tier) => {
          const mine = regionOf(hospitals.regions, region).filter((n) => Number(hospitals.tiers[n]) === tier), per = Math.max(1, Math.floor(width / cells[tier]));
          mine.forEach((n, k) => { dots.push({ n, x: 10 + (k % per + 0.5) * cells[tier], y: top + (Math.floor(k / per) + 0.5) * cells[tier], r: sizes[tier] }); });
          top += Math.ceil(mine.length / per) * cells[tier] + 5;
        });
        return { dots, h: top + 6 };
      });
      const fieldRow = row(fields.map((f) => f.h), y), fieldMax = Math.max(...fields.map((f) => f.h));
      [0, 1].forEach((region) => {
        const b = block("h" + region, t.hospitals + " · " + of(region), [region ? "hospitals_provinces" : "hospitals_capital"], columns[region].x, fieldRow.ys[region], columns[region].w, wide ? fieldMax : fields[region].h);
        fields[region].dots.forEach((d) => { spots.hospital[d.n] = { x: b.x + d.x, y: b.y + d.y, r: d.r }; });
      });
      if (wide) block("seeking", t.seeking, ["seeking"], mid.x, fieldRow.ys[0], mid.w, fieldMax);
      y = fieldRow.next;
      if (!wide) { const half = (W - gap) / 2; block("seeking", t.seeking, ["seeking"], 0, y, half, 96); block("retraining", t.retraining, ["retraining"], half + gap, y, half, 96); y += 96 + gap; }
      // firms, the large ones first; those founded in the run apart, as the model gives them no region
      const firmCell = [20, 19, wide ? 12 : 11];
      const firmBlocks = [[0, columns[0]], [2, mid], [1, columns[1]]].map(([region, column]) => {
        const width = column.w - 20, dots = []; let top = 30;
        (region === 2 ? [[2, 7.6]] : [0, 1, 2].map((c) => [c, firmCell[c]])).forEach(([kind, cell]) => {
          const mine = regionOf(firms.regions, region).filter((n) => region === 2 || Number(firms.classes[n]) === kind), per = Math.max(1, Math.floor(width / cell));
          mine.forEach((n, k) => { dots.push({ n, x: 10 + (k % per + 0.5) * cell, y: top + (Math.floor(k / per) + 0.5) * cell, most: cell / 2 - 0.4 }); });
          top += Math.ceil(mine.length / per) * cell + (mine.length ? 4 : 0);
        });
        return { region, column, dots, h: top + 8 };
      });
      const firmRow = row(firmBlocks.map((f) => f.h), y), firmMax = Math.max(...firmBlocks.map((f) => f.h));
      firmBlocks.forEach((f, k) => {
        const name = ["firms_capital", "firms_provinces", "firms_new"][f.region], title = f.region === 2 ? this.words.in_no_region : t.firms + " · " + of(f.region);
        const b = block("f" + f.region, title, [name], f.column.x, firmRow.ys[k], f.column.w, wide ? firmMax : f.h);
        f.dots.forEach((d) => { spots.firm[d.n] = { x: b.x + d.x, y: b.y + d.y, most: d.most }; });
      });
      y = firmRow.next;
      const shares = [0.3, 0.5, 0.2], most = (id) => Math.max(...this.payload.stocks.map((stock) => stock[this.nodeOf[id]]));
      const outside = ["abroad", "other_sector", "left"].map((id, k) => { const room = wide ? (W - 2 * gap) * shares[k] : W; return { id, room, h: 36 + 3.6 * Math.ceil(most(id) / Math.floor((room - 20) / 3.6)) }; });
      const outRow = row(outside.map((o) => Math.max(o.h, 56)), y), outMax = Math.max(56, ...outside.map((o) => o.h));
      let ox = 0;
      outside.forEach((o, k) => { block(o.id, t[o.id], [o.id], wide ? ox : 0, outRow.ys[k], o.room, wide ? outMax : Math.max(56, o.h)); ox += o.room + gap; });
      return { blocks, spots, height: outRow.next - gap + 1, byId: blocks.reduce((all, b) => ({ ...all, [b.id]: b }), {}) };
    },
    bars() {
      return this.payload.universities.map((u, row) => {
        const s = this.plan.spots.university[row];
        return { row, x: s.x, y: s.y, left: s.left, name: this.fit(u.name, s.name - 8), funded: u.funded[this.month], seats: Math.max(1, u.seats[this.month] * s.scale), enrolled: u.enrolled[this.month] * s.scale };
      });
    },
    stageMarks() {
      const out = ["", "", "", "", ""], count = this.payload.hospitals.tiers.length, base = this.month * count;
      for (let n = 0; n < count; n += 1) { const s = this.plan.spots.hospital[n], stage = this.stage[base + n]; out[stage] += this.glyph(stage, s.x, s.y, s.r); }
      return out.map((d, stage) => ({ stage, d }));
    },
    firmMarks() {
      let open = "", closed = "";
      const count = this.payload.firms.classes.length, base = this.month * count, radius = [0, 1.7, 2.3, 3.1, 4.1, 5.4, 6.8, 8.4];
      for (let n = 0; n < count; n += 1) {
        const s = this.plan.spots.firm[n], size = this.firmStaff[base + n];
        if (size) open += this.circle(s.x, s.y, Math.min(radius[size], s.most));
        else if (this.everOpen[n] <= this.month) closed += "M" + (s.x - 1.8).toFixed(1) + " " + (s.y - 1.8).toFixed(1) + "l3.6 3.6m0 -3.6l-3.6 3.6";
      }
      return { open, closed };
    },
    // one small dot for each person in the places that have no institutions
    crowds() {
      return ["seeking", "retraining", "abroad", "other_sector", "left"].map((id) => {
        const b = this.plan.byId[id], count = this.payload.stocks[this.month][this.nodeOf[id]], w = b.w - 20, h = b.h - 38;
        const most = Math.max(1, ...this.payload.stocks.map((stock) => stock[this.nodeOf[id]]));
        const fits = (size) => Math.floor(w / size) * Math.floor(h / size) >= most;
        let cell = id === "seeking" || id === "retraining" ? 13 : 3.6; // as large as the room allows for the fullest month
        while (cell > 3.6 && !fits(cell)) cell -= 0.2;
        const per = Math.max(1, Math.floor(w / cell)), rows = Math.floor(h / cell);
        let d = "";
        for (let k = 0; k < Math.min(count, per * rows); k += 1) d += "M" + (b.x + 10 + (k % per + 0.5) * cell).toFixed(1) + " " + (b.y + 30 + (Math.floor(k / per) + 0.5) * cell).toFixed(1) + "h0";
        return { id, d, size: cell * 0.56 };
      });
    },
    everOpen() {
      const count = this.payload.firms.classes.length, first = new Int32Array(count).fill(1e9);
      for (let month = this.last; month >= 0; month -= 1) for (let n = 0; n < count; n += 1) if (this.firmStaff[month * count + n]) first[n] = month;
      return first;
    },
    dots() {
      return this.people60.map((p, n) => {
        const where = this.where(p, this.month);
        return { key: p.key, mark: p.mark, where, spoken: this.short(p.key) + ", " + p.title + ", " + where, ...this.spot(p, n, this.month) };
      });
    },
    // the dots are one stop for Tab: the one that was reached last, else the first as one reads
    read() { return this.dots.filter((p) => p.there).sort((a, b) => a.y - b.y || a.x - b.x).map((p) => p.key); },
    tabStop() { return this.read.includes(this.rover) ? this.rover : this.read[0]; },
    trails() {
      if (!this.month) return [];
      return this.people60.map((p, n) => {
        const moved = p.states[this.month] !== p.states[this.month - 1] || p.rows[this.month] !== p.rows[this.month - 1];
        if (!moved || !p.states[this.month - 1]) return null;
        const a = this.spot(p, n, this.month - 1), b = this.spot(p, n, this.month);
        return { key: p.key, d: "M" + a.x.toFixed(1) + " " + a.y.toFixed(1) + "Q" + ((a.x + b.x) / 2 + (b.y - a.y) * 0.12).toFixed(1) + " " + ((a.y + b.y) / 2 - (b.x - a.x) * 0.12).toFixed(1) + " " + b.x.toFixed(1) + " " + b.y.toFixed(1) };
      }).filter(Boolean);
    },
    // where the chosen person has been until now
    course() {
      const n = this.people60.findIndex((p) => p.key === this.chosenKey);
      if (n < 0) return "";
      const p = this.people60[n];
      let d = "", at = "";
      for (let month = 0; month <= this.month; month += 1) {
        const now = p.states[month] + "/" + p.rows[month];
        if (!p.states[month] || now === at) continue;
        const s = this.spot(p, n, month);
        d += (d ? "L" : "M") + s.x.toFixed(1) + " " + s.y.toFixed(1); at = now;
      }
      return d;
    },
    // people who moved between blocks in the last 12 months, as curved lines
    ribbons() {
      const sums = {}, first = Math.max(1, this.month - 12 + 1), at = {};
      this.plan.blocks.forEach((b) => b.nodes.forEach((n) => { at[n] = b.id; }));
      for (let month = first; month <= this.month; month += 1) {
        const flat = this.payload.flows[month];
        for (let k = 0; k < flat.length; k += 3) {
          const a = at[flat[k]], b = at[flat[k + 1]];
          if (a && b && a !== b) sums[a + ">" + b] = (sums[a + ">" + b] || 0) + flat[k + 2];
        }
      }
      const most = Math.max(1, ...Object.values(sums));
      return Object.entries(sums).sort((a, b) => b[1] - a[1]).slice(0, 26).map(([id, n]) => {
        const [a, b] = id.split(">").map((name) => this.plan.byId[name]);
        return { id, n, w: (1 + 13 * Math.sqrt(n / most)).toFixed(1), d: this.curve(a, b), out: ["abroad", "other_sector", "left"].includes(b.id) };
      });
    },
    ring() {
      const s = this.story;
      if (!s || s.what !== "institution" || !s.kind || s.kind === "university") return null;
      return this.plan.spots[s.kind][s.row] || null;
    },
    listed() { return this.people60.map((p) => ({ key: p.key, mark: p.mark, title: p.title, where: this.where(p, this.month) })); },
    present() { return this.listed.filter((p) => p.where !== "–"); },
    institutions() {
      const { universities, hospitals, firms, terms } = this.payload, m = this.month, out = [], sizes = ["0", "1", "2–4", "5–9", "10–19", "20–49", "50+"];
      universities.forEach((u, row) => out.push({ kind: "university", row, name: u.name, type: this.words.in_university, region: terms.region[u.region], state: injae.fill(this.words.in_people_count, { n: u.enrolled[m] }), staff: u.teachers[m] }));
      hospitals.names.forEach((name, row) => { const k = m * hospitals.names.length + row; out.push({ kind: "hospital", row, name, type: terms.tier[hospitals.tiers[row]], region: terms.region[hospitals.regions[row]], state: terms.stage[this.stage[k]], staff: sizes[this.hospitalStaff[k]] }); });
      firms.names.forEach((name, row) => { const size = this.firmStaff[m * firms.names.length + row]; if (size) out.push({ kind: "firm", row, name, type: terms.class[firms.classes[row]], region: terms.region[firms.regions[row] === "2" ? "-1" : firms.regions[row]], state: this.words.in_open, staff: sizes[size - 1] }); });
      const wanted = this.find.trim().toLowerCase();
      return wanted ? out.filter((i) => i.name.toLowerCase().includes(wanted)) : out;
    },
    spoken() {
      const sum = (...names) => names.reduce((all, name) => all + this.payload.stocks[this.month][this.nodeOf[name]], 0);
      return injae.fill(this.words.in_map_label, { date: this.dateOf(this.month), students: sum("students_capital", "students_provinces"), seeking: sum("seeking"), hospitals: sum("hospitals_capital", "hospitals_provinces"),
        firms: sum("firms_capital", "firms_provinces", "firms_new"), abroad: sum("abroad"), other: sum("other_sector") });
    },
    lifeRows() {
      const rows = {}, story = this.story, parting = story.parting;
      const at = (month, date) => (rows[month] = rows[month] || { month, date, cells: story.lives.map(() => []), parting: Boolean(parting && parting.month === month) });
      story.lives.forEach((life, n) => life.lines.forEach((line) => { if (line.kind === "event" || this.searchToo) at(line.month, line.date).cells[n].push((this.searchToo && line.whole) || line.text); }));
      if (parting) at(parting.month, parting.date);
      const first = Math.min(...Object.keys(rows).map(Number));
      story.lives.forEach((life, n) => { if (!life.there) rows[first].cells[n] = [[{ t: this.words.in_absent }]]; });
      return Object.values(rows).sort((a, b) => a.month - b.month);
    },
  },
  watch: {
    payload(now, before) {
      if (now && now.stocks && (!before || !before.stocks)) this.month = Math.min(this.at === null ? this.last : this.at, this.last);
      if (now && now.stocks) this.month = Math.min(this.month, this.last);
      this.$nextTick(this.measure);
    },
    at(now) { if (now !== null && this.ready) this.seek(now); },
    showTable() { this.$nextTick(this.measure); },
    // a panel that comes in place of what had the focus takes it; below the map it is also brought into sight, once to
    // say that it is being read and again when it is there
    behind(now, before) { this.whole = {}; if (now && !before) this.$nextTick(() => this.turnTo("behind")); },
    reading() { if (this.reading || this.story) this.$nextTick(() => this.turnTo("story")); },
  },
  mounted() {
    window.addEventListener("keydown", this.keys);
    this.observer = new ResizeObserver(this.measure);
    this.observer.observe(this.$el);
    if (this.ready) this.month = Math.min(this.at === null ? this.last : this.at, this.last);
    this.measure();
  },
  beforeDestroy() { this.leave(); },
  beforeUnmount() { this.leave(); },
  methods: {
    turnTo(panel) {
      const there = this.$refs[panel], lost = !document.activeElement || document.activeElement === document.body;
      if (!there) return;
      if (lost) there.focus({ preventScroll: true });
      if (window.innerWidth <= 1180) there.scrollIntoView({ block: "start" });
    },
    some(part, list) { return this.whole[part.sign + part.event] ? list : list.slice(0, this.few); },
    leave() { window.removeEventListener("keydown", this.keys); this.observer.disconnect(); this.pause(); clearTimeout(this.spoke); },
    dateOf(month) { return injae.date(this.payload.dates[month], this.lang); },
    fill(text, values) { return injae.fill(text, values); },
    short(key) { return "…" + key.slice(-4); },
    people(block) { // with the word for them, where title and number leave room
      const n = block.nodes.reduce((all, node) => all + this.payload.stocks[this.month][node], 0).toLocaleString("en-US");
      const text = injae.fill(this.words.in_people_count, { n });
      return this.wide(block.title + text) * 1.1 > block.w - 28 ? n : text;
    },
    wide(text) { let sum = 0; for (const letter of text) sum += letter.charCodeAt(0) > 0x2E80 ? 9.8 : 5.3; return sum; }, // pixels: Hangul is about as wide as high
    fit(text, room) { // cut a name to its room
      if (this.wide(text) <= room) return text;
      let kept = text;
      while (kept.length > 1 && this.wide(kept) + 6 > room) kept = kept.slice(0, -1);
      return kept + "…";
    },
    picked(kind, row) { return Boolean(this.story && this.story.what === "institution" && this.story.kind === kind && this.story.row === row); },
    measure() { const stage = this.$refs.stage; if (stage && stage.clientWidth && Math.abs(stage.clientWidth - this.width) > 1) this.width = stage.clientWidth; },
    unpack({ first, changes }) {
      const count = first.length, out = new Uint8Array(count * changes.length), now = Uint8Array.from(first, Number);
      changes.forEach((flat, month) => { for (let k = 0; k < flat.length; k += 2) now[flat[k]] = flat[k + 1]; out.set(now, month * count); });
      return out;
    },
    // ---- time
    toggle() { if (this.playing) this.pause(); else this.play(); },
    play() {
      if (this.month >= this.last) this.month = 0;
      this.playing = true;
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches; // then a year at a time, as on the board
      this.timer = setInterval(() => { if (this.month >= this.last) this.pause(); else this.month = Math.min(this.last, this.month + (calm ? 12 : 1)); }, calm ? 1200 : 320);
    },
    pause() { clearInterval(this.timer); this.playing = false; this.say(); },
    seek(month) { this.month = Math.max(0, Math.min(this.last, month)); this.say(); },
    step(by) { if (this.ready) { this.pause(); this.seek(this.month + by); } },
    say() { clearTimeout(this.spoke); this.spoke = setTimeout(() => { if (this.ready) this.spokenNow = this.spoken; }, 700); },
    keys(event) {
      if (!this.ready || injae.taken(event)) return;
      const actions = { " ": this.toggle, ArrowLeft: () => this.step(event.shiftKey ? -12 : -1), ArrowRight: () => this.step(event.shiftKey ? 12 : 1),
        t: () => { this.showTable = !this.showTable; }, Escape: () => this.unpick(null) };
      const action = actions[injae.keyOf(event)];
      if (!action) return;
      event.preventDefault();
      action();
    },
    rove(event) {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const here = Math.max(0, this.read.indexOf(this.rover)), end = this.read.length - 1;
      const to = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: end }[event.key];
      if (to === undefined && event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation(); // on the map these keys are for time
      if (to === undefined) this.pick({ what: "person", key: this.rover });
      else this.$refs.dots.querySelector("[data-person='" + this.read[Math.max(0, Math.min(end, to))] + "']").focus();
    },
    reached(p) {
      this.rover = p.key;
      this.tip = { x: Math.min(p.x + 12, this.width - 210), y: p.y + 14, title: this.short(p.key) + " · " + this.payload.terms.mark[p.mark], lines: [p.where] };
    },
    // ---- marks
    circle(x, y, r) { return "M" + (x - r).toFixed(1) + " " + y.toFixed(1) + "a" + r + " " + r + " 0 1 0 " + 2 * r + " 0a" + r + " " + r + " 0 1 0 " + -2 * r + " 0Z"; },
    glyph(stage, x, y, r) {
      if (stage === 0) return this.circle(x, y, Math.max(0.8, r * 0.32));
      if (stage === 1) return this.circle(x, y, r * 0.62);
      if (stage === 2) return "M" + x.toFixed(1) + " " + (y - r * 0.95).toFixed(1) + "l" + (r * 0.95).toFixed(1) + " " + (r * 1.65).toFixed(1) + "h" + (-r * 1.9).toFixed(1) + "Z";
      if (stage === 3) return this.circle(x, y, r * 0.9);
      return "M" + (x - r * 0.9).toFixed(1) + " " + (y - r * 0.9).toFixed(1) + "h" + (r * 1.8).toFixed(1) + "v" + (r * 1.8).toFixed(1) + "h" + (-r * 1.8).toFixed(1) + "Z";
    },
    spot(p, n, month) {
      let m = month;
      const state = this.states[p.states[m]], there = Boolean(state);
      if (!there) { while (m < this.last && !p.states[m]) m += 1; return { ...this.spot2(this.states[p.states[m]], p.rows[m], n), there }; }
      return { ...this.spot2(state, p.rows[m], n), there };
    },
    spot2(state, row, n) {
      if (!state) return { x: 0, y: 0 };
      if (state === "hospital" || state === "firm") { const s = this.plan.spots[state][row]; return { x: s.x, y: s.y }; }
      if (state === "enrolled" || state === "university") {
        const s = this.plan.spots.university[row];
        return { x: s.left + (state === "university" ? -9 : 12 + (n * 13) % 60), y: s.y + 6 };
      }
      const b = this.plan.byId[state], per = Math.max(1, Math.floor((b.w - 24) / 17)), rows = Math.max(1, Math.floor((b.h - 40) / 16));
      const slot = (n * 7) % (per * rows);
      return { x: b.x + 19 + (slot % per) * 17, y: b.y + 38 + Math.floor(slot / per) * 16 };
    },
    curve(a, b) { // from edge to edge, in the direction in which the blocks lie
      const ca = { x: a.x + a.w / 2, y: a.y + a.h / 2 }, cb = { x: b.x + b.w / 2, y: b.y + b.h / 2 };
      const apart = (a.x + a.w <= b.x || b.x + b.w <= a.x);
      const shift = a.y < b.y || (a.y === b.y && a.x < b.x) ? 9 : -9; // both directions of a pair lie side by side
      if (apart) {
        const x1 = ca.x < cb.x ? a.x + a.w : a.x, x2 = ca.x < cb.x ? b.x : b.x + b.w, xm = (x1 + x2) / 2, y1 = ca.y + shift, y2 = cb.y + shift;
        return "M" + x1 + " " + y1 + "C" + xm + " " + y1 + " " + xm + " " + y2 + " " + x2 + " " + y2;
      }
      const y1 = ca.y < cb.y ? a.y + a.h : a.y, y2 = ca.y < cb.y ? b.y : b.y + b.h, ym = (y1 + y2) / 2, x1 = ca.x + shift, x2 = cb.x + shift;
      return "M" + x1 + " " + y1 + "C" + x1 + " " + ym + " " + x2 + " " + ym + " " + x2 + " " + y2;
    },
    runs(digits) {
      const out = [];
      [...digits].forEach((d, month) => { const end = out[out.length - 1]; if (end && end.stage === d) end.length += 1; else out.push({ from: month, length: 1, stage: d }); });
      return out;
    },
    where(p, month) {
      const state = this.states[p.states[month]], row = p.rows[month];
      if (!state) return "–";
      if (state === "hospital") return this.payload.hospitals.names[row];
      if (state === "firm") return this.payload.firms.names[row];
      if (state === "enrolled" || state === "university") return this.payload.universities[row].name;
      return this.payload.terms.block[state];
    },
    // ---- the mouse
    near(event) {
      const box = this.$refs.stage.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
      let best = null, least = 9;
      ["hospital", "firm"].forEach((kind) => this.plan.spots[kind].forEach((s, row) => {
        const far = Math.hypot(s.x - x, s.y - y) - (kind === "hospital" ? s.r : s.most);
        if (far < least && (kind === "hospital" || this.everOpen[row] <= this.month)) { least = far; best = { kind, row, x: s.x, y: s.y }; }
      }));
      this.plan.spots.university.forEach((s, row) => { if (y >= s.y - 1 && y <= s.y + 13 && x >= s.x && x <= s.x + s.name + 200 && least > 3) best = { kind: "university", row, x, y: s.y }; });
      return best;
    },
    point(event) {
      const key = event.target.closest && event.target.closest("[data-person]");
      const person = key && this.people60.find((p) => p.key === key.dataset.person);
      const hit = person ? null : this.near(event), box = this.$refs.stage.getBoundingClientRect();
      if (!person && !hit) { this.tip = null; return; }
      const at = { x: Math.min(event.clientX - box.left + 12, this.width - 210), y: event.clientY - box.top + 14 };
      if (person) { this.tip = { ...at, title: this.short(person.key) + " · " + this.payload.terms.mark[person.mark], lines: [this.where(person, this.month)] }; return; }
      const { payload } = this, m = this.month, sizes = ["0", "1", "2–4", "5–9", "10–19", "20–49", "50+"];
      if (hit.kind === "university") { const u = payload.universities[hit.row]; this.tip = { ...at, title: u.name, lines: [u.enrolled[m] + " / " + u.seats[m]] }; return; }
      const list = hit.kind === "hospital" ? payload.hospitals : payload.firms, k = m * list.names.length + hit.row;
      const staff = hit.kind === "hospital" ? this.hospitalStaff[k] : this.firmStaff[k] - 1;
      this.tip = { ...at, title: list.names[hit.row], lines: [hit.kind === "hospital" ? payload.terms.stage[this.stage[k]] : payload.terms.class[list.classes[hit.row]], staff >= 0 ? this.words.in_staff + ": " + sizes[staff] : ""].filter(Boolean) };
    },
    clickMap(event) { const hit = this.near(event); if (hit) this.pick({ what: "institution", kind: hit.kind, row: hit.row }); },
  },
};
