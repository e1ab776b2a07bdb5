"use strict";
/* The start: the map, the parts of the page, and what the mouse and the keys do. */
(function (app) {
  /* The first headline target that is judged community by community; else a rule that is short where communities can be coloured. */
  function firstTheme() {
    var drawn = app.data.themes.filter(function (theme) { return theme.level; }), told = app.data.headlines.map(function (one) { return app.data.themes[one.theme]; });
    var headline = told.find(function (theme) { return theme.level === "community" && /[stpmnq]/.test(theme.status); }) || told.find(function (theme) { return theme.level === "community"; }) || told.find(function (theme) { return theme.level; });
    if (headline) { return headline; }
    return drawn.find(function (theme) { return !theme.service && /[stp]/.test(theme.status); }) ||
      drawn.find(function (theme) { return /[stp]/.test(theme.status); }) || drawn[0] || app.data.themes[0];
  }

  app.clicked = function (latlng, row) {
    var spot = app.spotAt(latlng);
    var side = app.sideAt(latlng);
    if (spot) { app.choose({ facility: { service: spot.service, row: spot.row }, tab: "place", side: side }); return; }
    var place = app.hasNetwork() ? [Math.round(latlng.lat * 1e5) / 1e5, Math.round(latlng.lng * 1e5) / 1e5] : null;
    if (row !== null) { app.choose({ community: row, spot: place, tab: "place", side: side }); } else if (place) { app.choose({ spot: place }); }
  };

  /* A short label that follows the pointer from community to community. */
  app.hinted = function (row, shape, pointed) {
    var latlng = pointed || app.placeOfRow(row), half = app.halfAt(latlng), theme = half.theme, mark = theme.status[row], content = app.node("span");
    content.appendChild(app.node("strong", "", app.communityName(row)));
    content.appendChild(app.node("br"));
    var change = app.state.after ? app.changeAt(half.rule, row) : null, amount = app.isShort(mark) ? app.word("map.colon") + app.gapWords(theme, row) : "";
    content.appendChild(app.node("span", "", !theme.level ? app.judgedWords(app.judgedLevel(theme)) : (change ? app.turnWords(change.before, change.after) : app.statusWords(mark)) + amount));
    app.areasAt(theme, latlng).forEach(function (words) {
      content.appendChild(app.node("br"));
      content.appendChild(app.node("span", "", words));
    });
    shape.unbindTooltip();
    shape.bindTooltip(content, { sticky: true }).openTooltip();
    app.markRow(row);
  };

  /* Frames the community, or the other unit, whose row of the table the pointer is on. */
  var glimpsed = [];
  app.glimpse = function (row) {
    glimpsed.forEach(function (shape) { shape.remove(); });
    app.unitShown = row !== null && typeof row !== "number";
    glimpsed = row === null ? [] : typeof row === "number" ? [L.polygon(app.shapes[row].getLatLngs(), { pane: "chosen", fill: false, color: "#e0a100", weight: 4, interactive: false })] : app.frameOf(row);
    glimpsed.forEach(function (shape) { shape.addTo(app.map); });
  };

  app.start = function (map) {
    app.data = app.read();
    app.data.themes.forEach(function (theme, place) { theme.index = place; });
    app.map = map;
    app.spots = [];
    app.writtenBoxes = [];
    app.state.lang = app.data.lang;
    var asked = app.readAddress(window.location.hash), kept = app.remembered();
    if (asked.lang || (kept && app.data.words[kept])) { app.state.lang = asked.lang || kept; }
    asked.theme = asked.theme || firstTheme();
    if (!asked.theme) { return; }
    app.state.theme = app.state.view = asked.theme;
    var bounds = L.polygon(app.polygons(app.data.boundary, app.data.origin)).getBounds();
    app.drawParts(["title", "tabs", "table"]);
    map.invalidateSize({ animate: false, pan: false });
    var narrow = window.matchMedia("(max-width: 760px)").matches;
    /* What is fitted into the map leaves room for the legend, which is folded on a narrow screen. */
    app.besideLegend = function () { return [narrow || app.state.compare || !app.byId("key").hasAttribute("open") ? 4 : Math.min(app.state.lang === "zh" ? 230 : 258, map.getSize().x * 0.39), 4]; };
    app.showAll = function () { map.fitBounds(bounds, { animate: false, paddingTopLeft: app.besideLegend(), paddingBottomRight: [4, 4] }); };
    app.seesAll = function () { return map.getBounds().contains(bounds); };
    app.showAll();
    app.buildLayers(map);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    var first = ["facilities", "names", "circles", "walk", "proposals"].concat(app.layers.basemap ? ["basemap"] : ["water", "streets"]);
    first.forEach(function (name) { map.addLayer(app.layers[name]); });
    [app.wireRules, app.wireLegend, app.wireScenario, app.wireSearch, app.wireTable, app.wireExport, app.wirePrint, app.wireSides].forEach(function (wire) { wire(); });
    if (narrow) { app.byId("key").removeAttribute("open"); }
    map.on("click", function (event) { app.clicked(event.latlng, null); });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && (app.state.community !== null || app.state.facility || app.state.spot || app.state.site !== null)) { app.choose({ community: null, facility: null, spot: null, site: null }); return; }
      if (event.key === "Escape" && app.state.township !== null) { app.choose({ township: null }); }
    });
    window.addEventListener("hashchange", function () {
      var next = app.readAddress(window.location.hash);
      if (next.community === null && next.facility) { delete next.community; } else if (next.community === null) { delete next.community; delete next.facility; next.township = next.township === undefined ? null : next.township; }
      app.choose(Object.assign({ theme: app.state.theme }, next, { fly: true }));
    });
    if (asked.community === null) { delete asked.community; }
    if (asked.facility === null) { delete asked.facility; }
    app.choose(Object.assign({ all: true, fly: true }, asked));
    app.timing.ready_ms = performance.now();
    document.body.setAttribute("data-ready", "true");
  };
}(lifecircle));
