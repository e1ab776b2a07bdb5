"use strict";
/* The page's state, the address that keeps it, and what follows when it changes. */
(function (app) {
  function themeOf(key) {
    return app.data.themes.find(function (theme) { return keyOf(theme) === key; });
  }

  function keyOf(theme) { return [theme.plan, theme.rule, theme.service].join("/"); }

  /* Rules first that are short somewhere a community can be coloured, and their verdicts before their services. */
  function firstTheme() {
    var drawn = app.data.themes.filter(function (theme) { return theme.level; });
    return drawn.find(function (theme) { return !theme.service && /[sp]/.test(theme.status); }) ||
      drawn.find(function (theme) { return /[sp]/.test(theme.status); }) || drawn[0] || app.data.themes[0];
  }

  function readAddress() {
    var asked = new URLSearchParams(window.location.hash.slice(1)), theme = themeOf(asked.get("rule"));
    var row = app.data.communities.code.indexOf(asked.get("community"));
    var scenario = app.data.scenarios.findIndex(function (entry) { return entry.name === asked.get("scenario"); });
    return {
      theme: theme,
      community: row < 0 ? null : row,
      measure: ["deficit", "people", "value", "minutes"].indexOf(asked.get("colour")) < 0 ? "deficit" : asked.get("colour"),
      scenario: scenario < 0 ? null : scenario,
      after: scenario >= 0 && asked.get("side") !== "before"
    };
  }

  function writeAddress() {
    var asked = new URLSearchParams(), state = app.state, scenario = app.scenario();
    asked.set("rule", keyOf(state.theme));
    if (state.measure !== "deficit") { asked.set("colour", state.measure); }
    if (scenario) { asked.set("scenario", scenario.name); }
    if (scenario && !state.after) { asked.set("side", "before"); }
    if (state.community !== null) { asked.set("community", app.data.communities.code[state.community]); }
    window.history.replaceState(null, "", "#" + asked.toString());
  }

  /* Change any part of the state: {theme, measure, scenario, after, community, lang, fly}. */
  app.choose = function (change) {
    var began = performance.now(), state = app.state, was = state.view;
    if (change.lang) { state.lang = change.lang; app.fillWords(); }
    if (change.theme && change.theme !== state.theme) { state.theme = change.theme; state.allWorst = false; }
    ["measure", "scenario", "after", "community"].forEach(function (part) {
      if (change[part] !== undefined) { state[part] = change[part]; }
    });
    if (state.measure === "minutes" && !app.hasMinutes(state.theme)) { state.measure = "deficit"; }
    state.view = app.seen(state.theme);
    if (change.theme || change.measure || change.lang || change.scenario !== undefined || state.view !== was) {
      app.recolour();
      app.fillScenarios();
      app.fillChoosers();
      app.fillSummary();
      app.fillLayers();
      app.fillLegend();
      app.fillWorst();
    }
    app.outlineChosen();
    app.drawOverlays();
    if (change.fly && state.community !== null) { app.map.fitBounds(app.shapes[state.community].getBounds(), { maxZoom: 14.5, padding: [60, 60], animate: false }); }
    if (state.community !== null && (change.community !== undefined || state.view !== was || change.lang)) { showCommunity(change.at); }
    writeAddress();
    state.switched_ms = performance.now() - began;
  };

  function showCommunity(at) {
    var all = app.data.communities, row = app.state.community;
    var place = at || (app.popup && app.popup.isOpen() && app.popup.row === row ? app.popup.getLatLng() : app.place(all.x[row], all.y[row], app.data.origin));
    app.openPopup(place, app.communityContent(row));
    app.popup.row = row;
  }

  app.showFacility = function (service, row) {
    var layer = app.data.facilities[service], place = app.place(layer.x[row], layer.y[row], app.data.origin);
    if (!app.map.getBounds().contains(place) || app.map.getZoom() < 13) { app.map.setView(place, Math.max(14, app.map.getZoom()), { animate: false }); }
    app.openPopup(place, app.facilityContent(service, row));
  };

  app.clicked = function (latlng, row) {
    var spot = app.spotAt(latlng);
    if (spot) { app.showFacility(spot.service, spot.row); } else if (row !== null) { app.choose({ community: row, at: latlng }); }
  };

  app.drawNorth = function () {
    if (app.north) { app.north.remove(); }
    app.north = L.control({ position: "topright" });
    app.north.onAdd = function () {
      var holder = app.node("div", "north"), picture = app.svg("svg", { width: 30, height: 38, viewBox: "0 0 30 38", role: "img" });
      picture.setAttribute("aria-label", app.word("map.north-up"));
      app.svg("path", { d: "M15 1 L24 26 L15 20 Z", fill: "#222222" }, picture);
      app.svg("path", { d: "M15 1 L6 26 L15 20 Z", fill: "#ffffff", stroke: "#222222" }, picture);
      app.svg("text", { x: 15, y: 37, "text-anchor": "middle", "font-size": 11 }, picture).textContent = app.word("map.north");
      holder.appendChild(picture);
      return holder;
    };
    app.north.addTo(app.map);
    if (app.zoom) { app.zoom.remove(); }
    app.zoom = L.control.zoom({ zoomInTitle: app.word("map.zoom-in"), zoomOutTitle: app.word("map.zoom-out") }).addTo(app.map);
  };

  app.start = function (map) {
    app.data = app.read();
    app.data.themes.forEach(function (theme, place) { theme.index = place; });
    app.map = map;
    app.state = { lang: app.data.lang, measure: "deficit", theme: null, view: null, scenario: null, after: false, community: null, allWorst: false };
    app.spots = [];
    app.writtenBoxes = [];
    var asked = readAddress();
    app.state.theme = app.state.view = asked.theme || firstTheme();
    if (!app.state.theme) { app.fillWords(); return; }
    var boundary = L.polygon(app.polygons(app.data.boundary, app.data.origin)).getBounds();
    map.fitBounds(boundary, { animate: false });
    app.buildLayers(map);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    var first = ["facilities", "names", "circles", "proposals"].concat(app.layers.basemap ? ["basemap"] : ["water", "streets"]);
    first.forEach(function (name) { map.addLayer(app.layers[name]); });
    app.wirePanel();
    app.wireScenario();
    app.wireSearch();
    app.wirePrint();
    map.on("popupopen popupclose", function (event) { document.body.classList.toggle("popup-open", event.type === "popupopen"); });
    map.on("click", function (event) { app.clicked(event.latlng, null); });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && app.popup && app.popup.isOpen()) {
        map.closePopup();
        if (app.cameFrom && document.contains(app.cameFrom)) { app.cameFrom.focus({ preventScroll: true }); }
      }
    });
    window.addEventListener("hashchange", function () {
      var next = readAddress();
      app.choose(Object.assign(next, { theme: next.theme || app.state.theme, fly: true }));
    });
    app.choose(Object.assign(asked, { lang: app.state.lang, theme: app.state.theme, fly: true }));
    app.state.ready_ms = performance.now();
    document.body.setAttribute("data-ready", "true");
  };
}(lifecircle));
