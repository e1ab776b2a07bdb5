"use strict";
/* Small charts as SVG: a histogram of communities, bars of townships, the curve of sites against people covered. */
(function (app) {
  var node = app.node, word = app.word;

  /**
   * Bins of equal width over figures, at most `most` of them, with round limits; the last holds its upper limit, too.
   * @param {number[]} values
   * @param {number} most
   */
  app.bins = function (values, most) {
    var known = values.filter(function (value) { return isFinite(value); });
    if (!known.length) { return { width: 1, first: 0, counts: [], at: function () { return -1; } }; }
    var low = Math.min.apply(null, known), high = Math.max.apply(null, known), spread = high - low || 1;
    var power = Math.pow(10, Math.floor(Math.log10(spread / most))), width = [1, 2, 5, 10].map(function (one) { return one * power; }).find(function (one) { return spread / one <= most; }) || 10 * power;
    var first = Math.floor(low / width + 1e-9) * width, counts = new Array(Math.max(1, Math.ceil((high - first) / width - 1e-9))).fill(0);
    function at(value) { return Math.min(counts.length - 1, Math.floor((value - first) / width + 1e-9)); }
    known.forEach(function (value) { counts[at(value)] += 1; });
    return { width: width, first: first, counts: counts, at: at };
  };

  function text(parent, x, y, words, anchor) {
    app.svg("text", { x: x, y: y, "text-anchor": anchor || "middle", "font-size": 10.5, fill: "#4a545c" }, parent).textContent = words;
  }

  /* Communities by minutes to the nearest facility, or by the figure measured; the limit is marked. */
  app.histogram = function (theme) {
    var minutes = app.hasMinutes(theme) && app.rule(theme).cutoff, rows = app.data.communities.code.map(function (ignored, row) { return row; });
    rows = rows.filter(function (row) { return app.isShort(theme.status[row]) || app.isMet(theme.status[row]) || theme.status[row] === "c"; });
    var scale = theme.unit === "share" && !minutes ? 100 : 1, unit = minutes ? "min" : theme.unit === "share" ? "%" : theme.unit;
    var values = rows.map(function (row) { var value = minutes ? app.minutesOf(theme, row) : app.at(theme.value, row); return app.unknown(value) ? NaN : value * scale; });
    var limit = minutes ? app.rule(theme).cutoff : Array.isArray(theme.target) || app.unknown(theme.target) ? null : theme.target * scale;
    var parts = app.bins(values, 14), most = Math.max.apply(null, parts.counts.concat(1));
    if (parts.counts.length < 2) { return null; }
    // of a bin that the limit parts, each side has its own colour
    var bad = parts.counts.map(function () { return 0; });
    values.forEach(function (value) { if (isFinite(value) && limit !== null && (minutes ? value > limit : value < limit)) { bad[parts.at(value)] += 1; } });
    var beyond = values.filter(function (value) { return value === Infinity; }).length;
    var holder = node("figure", "chart"), caption = minutes ? app.wordOf(theme, "map.chart.minutes", { mode: app.modeWords() }) : app.wordOf(theme, "map.chart.values");
    var wide = 320, tall = 86, step = wide / parts.counts.length;
    var picture = app.svg("svg", { viewBox: "-4 -12 " + (wide + 8) + " " + (tall + 30), role: "img", "aria-label": caption });
    parts.counts.forEach(function (count, at) {
      var start = parts.first + at * parts.width, bar = app.svg("g", {}, picture);
      [[0, bad[at], "#c9560d"], [bad[at], count, "#6aaed6"]].forEach(function (part) {
        if (part[1] > part[0]) { app.svg("rect", { x: at * step + 0.5, y: tall - tall * Number(part[1]) / most, width: Math.max(1, step - 1), height: tall * (Number(part[1]) - Number(part[0])) / most, fill: part[2] }, bar); }
      });
      app.svg("title", {}, bar).textContent = app.number(start) + "–" + app.figure(start + parts.width, unit) + word("map.colon") + app.number(count);
      if (count === most) { text(picture, at * step + step / 2, tall - tall * count / most - 2, app.number(count)); }
    });
    app.svg("path", { d: "M0 " + tall + "H" + wide, stroke: "#8a949c" }, picture);
    var last = app.figure(parts.first + parts.counts.length * parts.width, unit), ends = last.length * 8;
    if (limit !== null) {
      var x = (limit - parts.first) / parts.width * step;
      if (x >= 0 && x <= wide) {
        app.svg("path", { d: "M" + x + " -8V" + tall, stroke: "#111111", "stroke-dasharray": "3 2" }, picture);
        text(picture, Math.min(wide - 24, Math.max(24, x)), tall + 14, app.figure(limit, unit));
        // the limit is told in any case, the end of the scale where both have room
        if (x > wide - ends - 44) { last = ""; }
      }
    }
    text(picture, 0, tall + 14, app.number(parts.first), "start");
    text(picture, wide, tall + 14, last, "end");
    holder.appendChild(node("figcaption", "", caption + (beyond ? word("map.bracketed", { name: word("map.chart.beyond", { n: app.number(beyond) }) }) : "")));
    holder.appendChild(picture);
    return holder;
  };

  /* Townships by communities short; a click goes to the township. */
  app.townshipBars = function (theme) {
    var of = theme.townships || {}, rows = Object.keys(of).map(Number).filter(function (at) { return app.shortCount(of[at]) || app.metCount(of[at]); });
    if (!rows.length) { return null; }
    rows.sort(function (a, b) { return app.shortCount(of[b]) - app.shortCount(of[a]) || (of[b].people_sum || 0) - (of[a].people_sum || 0); });
    var most = Math.max.apply(null, rows.map(function (at) { return app.shortCount(of[at]) + app.metCount(of[at]); })), list = node("ul", "bars");
    rows.forEach(function (at) {
      var item = node("li"), go = app.link(app.townshipName(at), function () { app.choose({ township: at, tab: "place" }); }, "bar-link"), track = node("span", "track"), part;
      [["short", app.shortCount(of[at])], ["met", app.metCount(of[at])]].forEach(function (pair) {
        if (!pair[1]) { return; }
        part = node("span", "bar bar-" + pair[0]);
        part.style.width = 100 * Number(pair[1]) / most + "%";
        track.appendChild(part);
      });
      go.appendChild(track);
      go.appendChild(node("span", "amount", word("map.of-them", { n: app.number(app.shortCount(of[at])), number: app.number(app.shortCount(of[at]) + app.metCount(of[at])) })));
      item.appendChild(go);
      list.appendChild(item);
    });
    return list;
  };

  /* People covered with 0, 1, 2 ... further sites. */
  app.siteCurve = function (curve) {
    var count = curve.covered.length - 1, whole = curve.people || Math.max.apply(null, curve.covered);
    if (count < 1 || !whole) { return null; }
    var wide = 320, tall = 80, holder = node("figure", "chart"), caption = word("map.chart.curve", { name: app.serviceWords(curve.service) });
    var picture = app.svg("svg", { viewBox: "-4 -14 " + (wide + 8) + " " + (tall + 32), role: "img", "aria-label": caption });
    var place = function (value, at) { return [wide * at / count, tall - tall * value / whole]; };
    app.svg("path", { d: "M0 " + tall + "H" + wide + "M0 0H" + wide, stroke: "#c9d0d6" }, picture);
    app.svg("polyline", { points: curve.covered.map(place).join(" "), fill: "none", stroke: "#14506e", "stroke-width": 2 }, picture);
    curve.covered.forEach(function (value, at) {
      var spot = place(value, at), mark = app.svg("circle", { cx: spot[0], cy: spot[1], r: 3, fill: "#14506e" }, picture);
      app.svg("title", {}, mark).textContent = word("map.chart.sites", { n: app.number(at), people: app.number(value, 0) });
    });
    text(picture, 0, tall + 14, word("map.chart.now", { people: app.number(curve.covered[0], 0) }), "start");
    text(picture, wide, tall + 14, word("map.chart.sites", { n: app.number(count), people: app.number(curve.covered[count], 0) }), "end");
    text(picture, wide, -4, word("map.chart.all", { people: app.number(whole, 0) }), "end");
    holder.appendChild(node("figcaption", "", caption));
    holder.appendChild(picture);
    return holder;
  };
}(lifecircle));
