"use strict";
/* The panel beside the map: rule chooser, counts, legend, layers, the worst communities, sources. */
(function (app) {
  var node = app.node, word = app.word;
  var MARKS = ["s", "p", "m", "q", "d", "a", "r"];
  var LAYERS = ["facilities", "gaps", "circles", "isochrones", "catchments", "proposals", "names", "streets", "water", "basemap"];
  var MEASURES = ["deficit", "people", "value", "minutes"];
  var FIRST_LISTED = 10;

  function byId(id) { return document.getElementById(id); }

  function option(value, words, chosen) {
    var made = node("option", "", words);
    made.value = value;
    made.selected = chosen;
    return made;
  }

  function swatch(fill, border) {
    var picture = app.svg("svg", { width: 26, height: 16, "aria-hidden": "true", "class": "swatch" });
    var box = { x: 1, y: 1, width: 24, height: 14, fill: fill, stroke: border.color, "stroke-width": Math.max(1, border.weight) };
    if (border.dashArray) { box["stroke-dasharray"] = border.dashArray; }
    app.svg("rect", box, picture);
    return picture;
  }

  app.fillWords = function () {
    document.documentElement.lang = app.state.lang === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-word]").forEach(function (element) { element.textContent = word(element.dataset.word); });
    document.querySelectorAll("[data-label]").forEach(function (element) { element.setAttribute("aria-label", word(element.dataset.label)); });
    var title = word("map.title", { name: app.data.name });
    document.title = title;
    byId("page-title").textContent = title;
    byId("page-subtitle").textContent = word("map.subtitle", { date: app.data.date, n: app.number(app.data.communities.code.length) });
    byId("review-number").textContent = app.data.review_number ? word("map.review-number", { number: app.data.review_number }) : word("map.no-review-number");
    byId("review-number").classList.toggle("missing", !app.data.review_number);
    byId("print-caption").textContent = word("map.printed", { date: app.data.date, name: app.data.name });
    fillLanguages();
    fillSources();
    app.drawNorth();
  };

  function fillLanguages() {
    var holder = app.empty(byId("languages"));
    Object.keys(app.data.words).forEach(function (lang) {
      var button = node("button", "", app.data.words[lang]["map.language-name"]);
      button.type = "button";
      button.lang = lang;
      button.setAttribute("aria-pressed", String(lang === app.state.lang));
      button.addEventListener("click", function () { app.choose({ lang: lang }); });
      holder.appendChild(button);
    });
  }

  function fillSources() {
    var list = app.empty(byId("source-list"));
    app.data.sources.forEach(function (name) { list.appendChild(node("li", "", name)); });
    app.data.plans.forEach(function (plan) {
      list.appendChild(node("li", "", app.named(plan.title, plan.id) + (plan.issued ? " (" + plan.issued + ")" : "")));
    });
    byId("credit").textContent = app.data.basemap ? word("map.basemap-from") + word("map.colon") + app.data.basemap.credit : "";
  }

  function sameRule(a, b) { return a.plan === b.plan && a.rule === b.rule; }

  function shortCount(theme) { return (theme.counts.s || 0) + (theme.counts.p || 0); }

  function shortMarks(theme) {
    var marks = app.marksShown(theme);
    return (marks.s || 0) + (marks.p || 0);
  }

  app.fillChoosers = function () {
    var rules = app.empty(byId("theme-select")), services = app.empty(byId("service-select"));
    var measures = app.empty(byId("measure-select")), now = app.state.theme, groups = {};
    app.data.themes.forEach(function (theme, place) {
      var first = app.data.themes.findIndex(function (other) { return sameRule(other, theme); });
      if (first === place) {
        if (!groups[theme.plan]) {
          groups[theme.plan] = rules.appendChild(node("optgroup"));
          var plan = app.data.plans.find(function (entry) { return entry.id === theme.plan; });
          groups[theme.plan].label = app.named(plan && plan.title, theme.plan);
        }
        groups[theme.plan].appendChild(option(place, app.ruleTitle(theme), sameRule(theme, now)));
      }
      if (sameRule(theme, now)) {
        var words = theme.service ? app.serviceName(theme.service) : word("map.verdict");
        services.appendChild(option(place, words + " – " + word("map.n-short", { n: app.number(shortCount(theme) || shortMarks(theme)) }), theme === now));
      }
    });
    services.disabled = services.options.length < 2;
    MEASURES.forEach(function (measure) {
      if (measure === "minutes" && !app.hasMinutes(now)) { return; }
      measures.appendChild(option(measure, word("map.measure." + measure), measure === app.state.measure));
    });
  };

  app.targetWords = function (theme, target, unit) {
    var signs = { ">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< " };
    return (signs[theme.comparator] || "") + app.figure(target, unit || theme.unit);
  };

  app.fillSummary = function () {
    var theme = app.state.view, rule = app.rule(theme), parts = [];
    byId("theme-title").textContent = app.themeTitle(theme);
    var target = Array.isArray(theme.target) ? null : theme.target;
    if (target !== null && target !== undefined) { parts.push(word("map.target") + " " + app.targetWords(theme, target)); }
    if (theme.year) { parts.push(word("map.by-year", { n: String(theme.year) })); }
    if (theme.scope) { parts.push(word("status." + theme.scope)); }
    if (theme.level && theme.level !== "community") { parts.push(word("map.judged-at", { level: word("status." + theme.level) })); }
    byId("theme-target").textContent = parts.join(" · ");
    byId("theme-quote").textContent = rule.quote ? "“" + rule.quote + "” " + (rule.clause || theme.clause) : "";
    fillCounts(theme);
    fillVerdicts(theme);
    byId("map-caption").textContent = app.themeTitle(theme);
  };

  function fillCounts(theme) {
    var holder = app.empty(byId("theme-counts")), counts = Object.keys(theme.counts).length ? theme.counts : app.marksShown(theme);
    holder.className = "counts";
    MARKS.forEach(function (mark) {
      if (!counts[mark]) { return; }
      var item = node("div", "count count-" + mark);
      item.appendChild(node("strong", "", app.number(counts[mark])));
      item.appendChild(node("span", "", app.statusWords(mark)));
      holder.appendChild(item);
    });
  }

  function fillVerdicts(theme) {
    var list = app.empty(byId("theme-verdicts"));
    theme.verdicts.slice(0, 12).forEach(function (found) {
      var item = node("li", "verdict"), parts = [app.statusWords(found.status)];
      item.appendChild(node("strong", "", word("status." + found.level) + " "));
      item.appendChild(node("bdi", "", found.name || found.code));
      if (found.value !== null) { parts.push(app.figure(found.value, found.unit)); }
      if (app.isShort(found.status) && found.deficit !== null) { parts.push(word("map.deficit") + " " + app.figure(found.deficit, found.deficit_unit)); }
      item.appendChild(node("span", "", " " + parts.join(" · ")));
      if (app.noteWords(found.note)) { item.appendChild(node("p", "note", app.noteWords(found.note))); }
      list.appendChild(item);
    });
  }

  function rangeWords(breaks, place, unit) {
    if (!breaks.length) { return ""; }
    if (place === 0) { return "< " + app.figure(breaks[0], unit); }
    if (place === breaks.length) { return "≥ " + app.figure(breaks[place - 1], unit); }
    return app.figure(breaks[place - 1], unit === "share" ? unit : "") + " – " + app.figure(breaks[place], unit);
  }

  /* Minutes count in the class whose upper limit they reach. */
  function minuteWords(breaks, place) {
    if (place > breaks.length) { return word("map.most-unreached"); }
    if (place === 0) { return "≤ " + app.figure(breaks[0], "min"); }
    if (place === breaks.length) { return "> " + app.figure(breaks[place - 1], "min"); }
    return app.number(breaks[place - 1]) + " – " + app.figure(breaks[place], "min");
  }

  function line(list, picture, words, tally) {
    var item = node("li");
    item.appendChild(picture);
    item.appendChild(node("span", "", words));
    if (tally !== undefined) { item.appendChild(node("span", "tally", tally)); }
    list.appendChild(item);
  }

  function classWords(theme, measure, place) {
    if (measure === "minutes") { return minuteWords(app.breaksOf(theme, measure), place); }
    var unit = { deficit: theme.deficit_unit, people: "persons", value: theme.unit }[measure];
    return rangeWords(theme.breaks[measure], place, unit) || word("map.measure." + measure);
  }

  app.fillLegend = function () {
    var theme = app.state.view, measure = app.state.measure, list = app.empty(byId("legend"));
    var colours = app.colours(theme, measure), inClass = {}, plain = {}, minutes = measure === "minutes";
    byId("legend-title").textContent = word("map.legend") + word("map.colon") + word("map.measure." + measure);
    app.shapes.forEach(function (ignored, row) {
      var place = app.classAt(theme, measure, row), mark = minutes ? "d" : theme.status[row];
      if (place < 0) { plain[mark] = (plain[mark] || 0) + 1; } else { inClass[place] = (inClass[place] || 0) + 1; }
    });
    colours.map(function (colour, place) { return [colour, place]; }).reverse().forEach(function (entry) {
      if (inClass[entry[1]]) {
        line(list, swatch(entry[0], app.border(minutes ? "m" : "s")), classWords(theme, measure, entry[1]), app.number(inClass[entry[1]]));
      }
    });
    MARKS.concat("-").forEach(function (mark) {
      if (plain[mark]) { line(list, swatch(app.fill(mark, null), app.border(mark)), app.statusWords(mark), app.number(plain[mark])); }
    });
    if (theme.counts.p && !minutes) { line(list, swatch(app.fill("p", null), app.border("p")), word("map.hatched"), app.number(theme.counts.p)); }
    fillPointLegend(theme, app.empty(byId("point-legend")));
  };

  /* Dots, the marks of facilities judged one by one, and the bands of service areas. */
  function fillPointLegend(theme, list) {
    if (app.map.hasLayer(app.layers.facilities)) {
      var marks = app.marksShown(theme), judged = app.judgedServices(theme);
      app.shownServices().forEach(function (service, place) {
        if (!app.data.facilities[service] || judged.indexOf(service) >= 0) { return; }
        var dot = app.svg("svg", { width: 26, height: 16, "aria-hidden": "true", "class": "swatch" });
        app.svg("circle", { cx: 13, cy: 8, r: 5, fill: app.serviceColour(place), stroke: "#ffffff" }, dot);
        line(list, dot, app.serviceName(service), app.number(app.data.facilities[service].x.length));
      });
      MARKS.forEach(function (mark) {
        if (marks[mark]) { line(list, app.markPicture(mark), judged.map(app.serviceName).join(", ") + word("map.colon") + app.statusWords(mark), app.number(marks[mark])); }
      });
    }
    if (app.map.hasLayer(app.layers.isochrones)) { fillBands(theme, list); }
  }

  function fillBands(theme, list) {
    app.servicesOf(theme).forEach(function (service) {
      (app.data.isochrones[service] || []).slice().reverse().forEach(function (band) {
        var picture = app.svg("svg", { width: 26, height: 16, "aria-hidden": "true", "class": "swatch" }), dash = app.bandDash(band.minutes);
        app.svg("path", Object.assign({ d: "M1 8 H25", stroke: "#00441b", "stroke-width": 2 }, dash ? { "stroke-dasharray": dash } : {}), picture);
        line(list, picture, app.serviceName(service) + " " + app.figure(band.minutes, "min"), band.left_out_share === null ? "" : word("map.left-out-short", { n: app.figure(band.left_out_share, "share") }));
      });
    });
  }

  app.fillLayers = function () {
    var holder = app.empty(byId("layer-list"));
    LAYERS.forEach(function (name) {
      if (!app.layers[name]) { return; }
      var label = node("label", "layer"), box = node("input");
      box.type = "checkbox";
      box.id = "layer-" + name;
      box.checked = app.map.hasLayer(app.layers[name]);
      box.disabled = !hasContent(name);
      box.addEventListener("change", function () {
        app.map[box.checked ? "addLayer" : "removeLayer"](app.layers[name]);
        app.drawOverlays();
        app.fillLegend();
      });
      label.appendChild(box);
      label.appendChild(node("span", "", word("map.layer." + name)));
      holder.appendChild(label);
    });
  };

  function hasContent(name) {
    var all = app.data;
    if (name === "circles") { return Boolean(all.circles.shape); }
    if (name === "proposals") { return all.proposals.length > 0; }
    if (name === "water") { return all.water.areas.length + all.water.lines.length > 0; }
    if (["facilities", "gaps", "isochrones", "catchments"].indexOf(name) < 0) { return true; }
    return app.shownServices().some(function (service) { return all[name][service]; });
  }

  app.fillWorst = function () {
    var theme = app.state.view, list = app.empty(byId("worst-list")), missing = theme.deficit || [];
    var rows = app.shapes.map(function (ignored, row) { return row; }).filter(function (row) { return app.isShort(theme.status[row]); });
    rows.sort(function (a, b) { return (missing[b] || 0) - (missing[a] || 0); });
    rows.slice(0, app.state.allWorst ? rows.length : FIRST_LISTED).forEach(function (row) {
      var item = node("li"), go = node("button", "link");
      go.type = "button";
      go.appendChild(node("bdi", "", app.communityName(row)));
      go.addEventListener("click", function () { app.choose({ community: row, fly: true }); });
      item.appendChild(go);
      item.appendChild(node("span", "amount", app.figure(missing[row], theme.deficit_unit)));
      list.appendChild(item);
    });
    if (!rows.length) { list.appendChild(node("li", "note", word("map.none-short"))); }
    byId("worst-more").hidden = app.state.allWorst || rows.length <= FIRST_LISTED;
  };

  app.wirePanel = function () {
    byId("theme-select").addEventListener("change", function (event) { app.choose({ theme: app.data.themes[Number(event.target.value)] }); });
    byId("service-select").addEventListener("change", function (event) { app.choose({ theme: app.data.themes[Number(event.target.value)] }); });
    byId("measure-select").addEventListener("change", function (event) { app.choose({ measure: event.target.value }); });
    byId("worst-more").addEventListener("click", function () { app.state.allWorst = true; app.fillWorst(); });
  };
}(lifecircle));
