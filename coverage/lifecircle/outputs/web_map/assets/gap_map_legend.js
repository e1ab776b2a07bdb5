"use strict";
/* The legend holds every symbol that is drawn; the layers that can be laid over the map. */
(function (app) {
  var node = app.node, word = app.word, docked = false;
  var MARKS = ["s", "t", "p", "m", "n", "q", "c", "d", "a", "r"];
  var LAYERS = ["facilities", "gaps", "circles", "routes", "isochrones", "catchments", "proposals", "names", "streets", "water", "basemap"];
  var MEASURES = ["deficit", "people", "value", "minutes"];

  function swatch(fill, border) {
    var picture = app.svg("svg", { width: 26, height: 16, "aria-hidden": "true", "class": "swatch" });
    var box = { x: 1, y: 1, width: 24, height: 14, fill: fill, stroke: border.color, "stroke-width": Math.max(1, border.weight) };
    if (border.dashArray) { box["stroke-dasharray"] = border.dashArray; }
    app.svg("rect", box, picture);
    return picture;
  }

  function stroked(colour, width, dash) {
    var picture = app.svg("svg", { width: 26, height: 16, "aria-hidden": "true", "class": "swatch" });
    app.svg("path", Object.assign({ d: "M1 8 H25", stroke: colour, "stroke-width": width, fill: "none" }, dash ? { "stroke-dasharray": dash } : {}), picture);
    return picture;
  }

  function dot(fill) {
    var picture = app.svg("svg", { width: 26, height: 16, "aria-hidden": "true", "class": "swatch" });
    app.svg("circle", { cx: 13, cy: 8, r: 4, fill: fill }, picture);
    return picture;
  }

  /* Minutes count in the class whose upper limit they reach. */
  function minuteWords(breaks, place) {
    if (place > breaks.length) { return word("map.most-unreached"); }
    if (place === 0) { return "≤ " + app.figure(breaks[0], "min"); }
    if (place === breaks.length) { return "> " + app.figure(breaks[place - 1], "min"); }
    return app.number(breaks[place - 1]) + " – " + app.figure(breaks[place], "min");
  }

  function line(list, picture, words, tally, className) {
    var item = node("li", className);
    item.appendChild(picture);
    item.appendChild(node("span", "", words));
    if (tally !== undefined) { item.appendChild(node("span", "tally", tally)); }
    list.appendChild(item);
  }

  function classWords(theme, measure, place) {
    if (measure === "minutes") { return minuteWords(app.breaksOf(theme, measure), place); }
    var unit = { deficit: theme.deficit_unit, people: "persons", value: theme.unit }[measure];
    return app.rangeWords(app.breaksOf(theme, measure), place, unit) || word("map.measure." + measure);
  }

  /* What is grey and why: villages under a rule about towns are not judged, and the other way round. */
  function plainWords(theme, mark) {
    var others = mark === "-" && app.data.communities.scope.every(function (scope, row) { return theme.status[row] !== "-" || (scope && scope !== theme.scope); });
    return app.statusWords(mark) + (others && app.hasWord("map.legend.scope." + theme.scope) ? word("map.bracketed", { name: word("map.legend.scope." + theme.scope) }) : "");
  }

  function drawMeasures(state) {
    var measures = app.empty(app.byId("measure-select"));
    MEASURES.forEach(function (measure) {
      if (measure === "minutes" && !app.hasMinutes(state.theme)) { return; }
      measures.appendChild(app.option(measure, word("map.measure." + measure, { mode: app.modeWords() }), measure === state.measure));
    });
  }

  /* Colours of the communities under one rule, each with how many there are; whether any is hatched is told once. */
  function areaLines(list, theme, measure, before) {
    var colours = app.colours(theme, measure), inClass = {}, plain = {}, minutes = measure === "minutes", hatched = false;
    var above = isAbove(theme, measure);
    app.shapes.forEach(function (ignored, row) {
      var place = app.classAt(theme, measure, row, before), mark = minutes ? "d" : theme.status[row];
      hatched = hatched || (mark === "p" && !minutes);
      if (place < 0) { plain[mark] = (plain[mark] || 0) + 1; } else { inClass[place] = (inClass[place] || 0) + 1; }
    });
    // an area above communities colours all of its own: it is counted once
    if (above) {
      Object.keys(inClass).forEach(function (place) { inClass[place] = 0; });
      Object.keys(plain).forEach(function (mark) { if (mark !== "-") { plain[mark] = 0; } });
      theme.verdicts.filter(function (found) { return found.level === theme.level; }).forEach(function (found) {
        var place = app.classOfFound(theme, measure, found);
        if (place < 0) { plain[found.status] = (plain[found.status] || 0) + 1; } else { inClass[place] = (inClass[place] || 0) + 1; }
      });
    }
    if (!theme.level && !minutes) {
      line(list, swatch(app.fill("-", null), app.border("-")), word("map.legend.not-coloured", { name: app.judgedWords(app.judgedLevel(theme)) }));
      delete plain["-"];
    }
    colours.map(function (colour, place) { return [colour, place]; }).reverse().forEach(function (entry) {
      if (inClass[entry[1]]) {
        line(list, swatch(entry[0], app.border(minutes ? "m" : "s")), classWords(theme, measure, entry[1]), app.number(inClass[entry[1]]));
      }
    });
    MARKS.concat("-").forEach(function (mark) {
      if (plain[mark]) { line(list, swatch(app.fill(mark, null), app.border(mark)), plainWords(theme, mark), app.number(plain[mark])); }
    });
    if (hatched) { line(list, swatch(app.fill("p", null), app.border("p")), word("map.hatched")); }
  }

  /* Whether colours are those of areas above communities. */
  function isAbove(theme, measure) { return Boolean(theme.level) && theme.level !== "community" && measure !== "minutes"; }

  function titleWords(theme, measure) {
    return word("map.measure." + measure, { mode: app.modeWords() }) + (isAbove(theme, measure) ? " · " + app.judgedWords(theme.level) : "");
  }

  /* A divided map has two rules, or one before and after: the colours of either side stand under its name. */
  function drawLegend(state) {
    var theme = state.view, measure = state.measure, list = app.empty(app.byId("legend"));
    app.byId("legend-title").textContent = titleWords(theme, measure);
    app.byId("legend-title").appendChild(node("small", "legend-more", word("map.legend-more")));
    if (state.compare) {
      app.halves(app.map.getSize()).forEach(function (half) {
        var own = node("ul"), part = node("li", "side-part");
        own.appendChild(node("li", "side-title", half.words + (half.measure === measure && !state.against ? "" : word("map.colon") + titleWords(half.theme, half.measure))));
        areaLines(own, half.theme, half.measure, half.before);
        halfLines(half, own);
        part.appendChild(own);
        list.appendChild(part);
      });
    } else { areaLines(list, theme, measure); }
    drawPoints();
    app.byId("map-caption").textContent = app.themeTitle(theme);
    if (state.compare || docked) { app.makeRoom(docked !== state.compare); }
    docked = state.compare;
  }

  function shown(name) { return app.map.hasLayer(app.layers[name]); }

  /* What one half has of its own: facilities, marks of those judged one by one, sites. */
  function halfLines(half, list) {
    var theme = half.theme;
    app.areaLines(theme).forEach(function (one) { line(list, swatch(app.plainFill(one.mark), app.border(one.mark)), one.words, app.number(one.count)); });
    if (shown("facilities")) {
      var marks = app.marksShown(theme), judged = app.judgedServices(theme), services = app.shownServices(half.rule).filter(function (one) { return app.data.facilities[one]; });
      if (app.crowded(half.rule) && !judged.length) { line(list, dot("#9aa4ac"), word("map.zoom-for-facilities", { n: app.number(services.length) })); }
      else { app.shownServices(half.rule).forEach(function (service, place) {
        if (judged.indexOf(service) >= 0) { return; }
        if (app.isUnknownHere(service)) { line(list, app.servicePicture(place, false, true), app.serviceName(service) + word("map.colon") + word("map.no-facility")); return; }
        if (!app.data.facilities[service]) { return; }
        line(list, app.servicePicture(place, services.length > 1), app.serviceName(service), app.number(app.data.facilities[service].x.length));
      });
      if (services.some(function (service) { return judged.indexOf(service) < 0 && app.data.facilities[service].closed.length; })) { line(list, app.servicePicture(0, false, true), word("map.legend.not-public")); } }
      MARKS.forEach(function (mark) {
        if (marks[mark]) { line(list, app.markPicture(mark), app.list(judged.map(app.serviceName)) + word("map.colon") + app.statusWords(mark), app.number(marks[mark])); }
      });
    }
    if (shown("proposals") && app.sitesOf(theme).length) { line(list, app.pinPicture(1), word("map.legend.proposals"), app.number(app.sitesOf(theme).length)); }
    if (shown("proposals") && app.shadedCatchments(half.rule).length) { line(list, app.shadePicture(), word("map.legend.shaded-catchments")); }
    if (shown("proposals") && app.stationsToAdd(half.rule).length) { line(list, app.pinPicture("+1"), word("map.legend.stations"), app.number(app.stationsToAdd(half.rule).reduce(function (sum, unit) { return sum + unit.deficit; }, 0), 0)); }
  }

  /* Every symbol, line and area laid over the map; of a divided one those that both sides have. */
  function drawPoints() {
    var list = app.empty(app.byId("point-legend")), theme = app.told();
    if (!app.state.compare) { halfLines(app.halves(app.map.getSize())[0], list); }
    if (app.state.site !== null) {
      line(list, app.pinPicture(app.pinName(app.data.proposals.sites[app.state.site]), true), word("map.site-chosen"));
      if (app.gainersOf(app.data.proposals.sites[app.state.site]).length) { line(list, stroked("#000000", 2), word("map.legend.gainers")); }
    }
    if (app.scenario()) { drawChanges(list); }
    if (shown("gaps")) { line(list, dot("rgba(74, 20, 120, 0.7)"), word("map.layer.gaps")); }
    if (shown("circles") && app.state.community !== null && !app.walkShown()) { line(list, stroked("#00441b", 2, "6 4"), word("map.layer.circles")); }
    (app.walkShown() || []).slice().reverse().forEach(function (band) { line(list, dot(app.walkColour(band.minutes)), app.walkWord("map.walk-band", { n: app.number(band.minutes) })); });
    app.routesTold().forEach(function (words) { line(list, stroked(app.routeColour, 3), words); });
    if (shown("isochrones")) { drawBands(theme, list); }
    if (shown("catchments")) { line(list, stroked("#3d0a5b", 1.5), word("map.layer.catchments")); }
    if (app.state.community !== null || app.state.township !== null) { line(list, stroked("#000000", 3), word("map.chosen")); }
    if (app.state.open || app.state.tab === "table" || app.unitShown) { line(list, stroked("#e0a100", 4), word("map.legend.pointed")); }
    if (shown("names") && app.hasLeaders) { line(list, stroked("#1c1a17", 1), word("map.legend.leaders")); }
    line(list, stroked("#222222", 2, "10 4 2 4"), word("map.boundary"));
    if (app.data.pages.counties.length) { line(list, stroked(app.COUNTY_LINE.color, app.COUNTY_LINE.weight, app.COUNTY_LINE.dashArray), word("map.county-border")); }
    if (shown("streets") && app.data.streets.minor + app.data.streets.major) { line(list, stroked("rgba(50, 46, 40, 0.5)", 1.5), word("map.layer.streets")); }
    if (shown("water") && hasContent("water")) { line(list, stroked("#a9c6d8", 6), word("map.layer.water")); }
  }

  /* What a scenario draws: its sites and streets, and frames around communities whose verdict changes. */
  function drawChanges(list) {
    var scenario = app.scenario(), turns = app.turnsDrawn();
    ["added", "moved", "closed"].forEach(function (change) {
      if (scenario.sites.some(function (site) { return site.change === change; })) { line(list, app.sitePicture(change), word("map.site." + change)); }
    });
    if (scenario.streets["street-opened"]) { line(list, stroked("#0d559c", 5), word("map.legend.street-opened")); }
    if (scenario.streets["street-closed"]) { line(list, stroked("#7f2c04", 5, "3 7"), word("map.legend.street-closed")); }
    if (turns.indexOf(true) >= 0) { line(list, stroked("#111111", 2.6), word("map.legend.turns-met")); }
    if (turns.indexOf(false) >= 0) { line(list, stroked("#111111", 2.6, "2 5"), word("map.legend.turns-otherwise")); }
  }

  function drawBands(theme, list) {
    app.servicesOf(theme).forEach(function (service) {
      (app.data.isochrones[service] || []).slice().reverse().forEach(function (band) {
        line(list, stroked("#00441b", 2, app.bandDash(band.minutes)), app.serviceName(service) + " " + app.figure(band.minutes, "min"), band.left_out_share === null ? "" : word("map.left-out-short", { n: app.figure(band.left_out_share, "share") }), "band");
      });
    });
    var drawn = app.servicesOf(theme).map(function (service) { return app.data.isochrones[service]; }).find(Boolean);
    if (drawn) { list.appendChild(node("li", "note", app.roundedWords(drawn[0].off_m))); }
  }

  function hasContent(name) {
    var all = app.data;
    if (name === "circles") { return Boolean(all.circles.shape); }
    if (name === "proposals") { return app.sitesOf(app.state.theme).length + app.stationsToAdd(app.state.theme).length > 0 || Boolean(app.state.against && app.sitesOf(app.state.against).length); }
    if (name === "water") { return all.water.areas.length + all.water.lines.length > 0; }
    if (["facilities", "gaps", "routes", "isochrones", "catchments"].indexOf(name) < 0) { return true; }
    return app.shownServices(app.toldRule()).some(function (service) { return all[name][service]; });
  }

  function drawLayers() {
    var holder = app.empty(app.byId("layer-list"));
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
        drawLegend(app.state);
      });
      label.appendChild(box);
      label.appendChild(node("span", "", word("map.layer." + name)));
      holder.appendChild(label);
    });
  }

  app.legendAgain = drawPoints;

  app.wireLegend = function () {
    app.map.on("zoomend", function () { drawLegend(app.state); });
    app.byId("measure-select").addEventListener("change", function (event) { app.choose({ measure: /** @type {HTMLSelectElement} */ (event.target).value }); });
  };

  app.part("measures", ["lang", "theme", "measure", "scenario", "after"], drawMeasures);
  app.part("legend", ["lang", "view", "measure", "community", "township", "spot", "site", "scenario", "after", "open", "tab", "compare", "against", "side"], drawLegend);
  app.part("layers", ["lang", "theme", "against", "side"], drawLayers);
}(lifecircle));
