"use strict";
/* Numbered pins of the sites proposed: none covers another, each can be chosen by mouse, finger and keyboard. */
(function (app) {
  var WIDE = 30, HIGH = 38, FINGER = 44, RINGS = [26, 44, 64, 86, 110], TURNS = 16;

  function coarse() { return window.matchMedia("(pointer:coarse)").matches; }

  function apart(box, other) { return box[2] <= other[0] || other[2] <= box[0] || box[3] <= other[1] || other[3] <= box[1]; }

  /* Where a pin may stand: on its place, else ever farther from it, upwards first. */
  function spots() {
    var found = [[0, 0]];
    RINGS.forEach(function (far) {
      for (var turn = 0; turn < TURNS; turn += 1) {
        var angle = -Math.PI / 2 + (turn % 2 ? -1 : 1) * Math.ceil(turn / 2) * 2 * Math.PI / TURNS;
        found.push([Math.round(far * Math.cos(angle)), Math.round(far * Math.sin(angle))]);
      }
    });
    return found;
  }

  /** Stations whose catchment needs more of them, as things are: the pins of a rule that has no sites. @param {Theme} rule */
  app.stationsToAdd = function (rule) {
    return app.isByStation(rule) && !(app.scenario() && app.state.after) ? (rule.units.short || []).filter(function (unit) { return unit.row >= 0 && unit.deficit > 0; }) : [];
  };

  /* What the pins of a rule stand for: its sites, else the stations whose catchment needs more. */
  function pinned(rule) {
    var sites = app.sitesOf(rule);
    if (sites.length) { return sites.map(function (site) { return { site: site, unit: null, place: app.place(site.x, site.y, app.data.origin) }; }); }
    return app.stationsToAdd(rule).map(function (unit) {
      var layer = app.data.facilities[unit.service];
      return { site: null, unit: unit, place: app.place(layer.x[unit.row], layer.y[unit.row], app.data.origin) };
    });
  }

  /**
   * Where the pins of the rule shown, or of two on their sides, stand at this zoom: [{site, unit, rule, number, place,
   * off, box}], `off` in pixels from the place itself, `box` what the pin covers of the map. The first keeps its place.
   */
  app.pinPlaces = function (map) {
    var wide = coarse() ? FINGER : WIDE, high = coarse() ? FINGER : HIGH, taken = [], all = spots(), size = map.getSize(), halves = app.halves(size);
    return [].concat.apply([], halves.map(function (half, side) {
      return pinned(half.rule).map(function (one) { return Object.assign(one, { rule: half.rule, at: map.latLngToContainerPoint(one.place) }); })
        .filter(function (one) { return halves.length < 2 || (one.at.x >= half.from) === (side === 1); });
    })).map(function (one) {
      var at = one.at;
      function boxAt(off) { return [at.x + off[0] - wide / 2, at.y + off[1] - high, at.x + off[0] + wide / 2, at.y + off[1]]; }
      function free(one) { return taken.every(function (other) { return apart(boxAt(one), other); }); }
      // the whole pin of a place in sight is in sight, where there is room for it
      function inSight(one) { var box = boxAt(one); return box[0] >= 0 && box[1] >= 0 && box[2] <= size.x && box[3] <= size.y; }
      var seen = at.x >= 0 && at.y >= 0 && at.x <= size.x && at.y <= size.y, off = (seen && all.find(function (one) { return free(one) && inSight(one); })) || all.find(free) || [0, 0];
      taken.push(boxAt(off));
      return { site: one.site, unit: one.unit, rule: one.rule, number: app.data.proposals.sites.indexOf(one.site), place: one.place, off: off, box: boxAt(off) };
    });
  };

  /** What a pin is called: its rank, after the letter of its service where a rule has sites of several. @param {Theme} [rule] that told where none is named */
  app.pinName = function (site, rule) {
    var of = rule || app.toldRule(), several = app.sitesOf(of).some(function (other) { return other.service !== site.service; });
    return (several ? siteLetter(site.service, of) : "") + String(site.rank);
  };

  function siteLetter(service, rule) {
    var all = app.sitesOf(rule).map(function (site) { return site.service; }), shown = app.shownServices(rule);
    var own = all.every(function (one) { return shown.indexOf(one) >= 0; }) ? shown : Array.from(new Set(all));
    return app.serviceLook(own.indexOf(service)).letter;
  }

  app.pinPicture = function (name, chosen) {
    var picture = app.svg("svg", { width: WIDE, height: HIGH, viewBox: "0 0 30 38", "aria-hidden": "true" });
    app.svg("path", { d: "M15 37 C15 37 3 22 3 14 A12 12 0 1 1 27 14 C27 22 15 37 15 37 Z", fill: chosen ? "#111111" : "#f7e225", stroke: chosen ? "#f7e225" : "#111111", "stroke-width": 1.8 }, picture);
    app.svg("text", { x: 15, y: 18.5, "text-anchor": "middle", "font-size": String(name).length > 1 ? 11 : 13, "font-weight": 700, "font-family": "sans-serif", fill: chosen ? "#f7e225" : "#111111" }, picture).textContent = String(name);
    return picture;
  };

  /* A thin line from where a site is to its pin that had to stand aside. */
  function leader(layer, map, pin) {
    var tip = map.containerPointToLatLng(map.latLngToContainerPoint(pin.place).add(pin.off));
    [["#ffffff", 4], ["#111111", 1.5]].forEach(function (look) {
      layer.addLayer(L.polyline([pin.place, tip], { pane: "leaders", color: look[0], weight: look[1], interactive: false }));
    });
    layer.addLayer(L.circleMarker(pin.place, { pane: "leaders", radius: 3, color: "#ffffff", weight: 1, fillColor: "#111111", fillOpacity: 1, interactive: false }));
  }

  /* The catchments of stations that need more: those that are drawn under a rule without sites. */
  app.shadedCatchments = function (rule) {
    var codes = app.sitesOf(rule).length ? [] : app.stationsToAdd(rule).map(function (unit) { return unit.code; });
    return app.servicesOf(rule).reduce(function (all, service) {
      return all.concat((app.data.catchments[service] || []).filter(function (area) { return codes.indexOf(area.station) >= 0; }));
    }, []);
  };

  var SHADE = { color: "#3d0a5b", weight: 0.6, fillColor: "#f7e225", fillOpacity: 0.5 };

  function drawCatchments(layer, rule) {
    app.shadedCatchments(rule).forEach(function (area) {
      layer.addLayer(L.polygon(app.polygons(area.shape, app.data.origin), Object.assign({ pane: "areas", interactive: false }, SHADE)));
    });
  }

  app.shadePicture = function () {
    var picture = app.svg("svg", { width: 26, height: 16, "aria-hidden": "true", "class": "swatch" });
    app.svg("path", { d: "M2 2H24V14H2Z", fill: SHADE.fillColor, "fill-opacity": SHADE.fillOpacity, stroke: SHADE.color, "stroke-width": SHADE.weight }, picture);
    return picture;
  };

  /* What a pin is called, what it says of itself, and whether it is the one chosen. */
  function pinWords(pin) {
    var at = app.state.facility;
    if (pin.unit) { return { name: "+" + app.number(pin.unit.deficit, 0), words: pin.unit.name + app.word("map.colon") + app.word("map.stations-to-add", { n: app.number(pin.unit.deficit, 0) }), chosen: Boolean(at && at.service === pin.unit.service && at.row === pin.unit.row) }; }
    var values = { n: app.pinName(pin.site, pin.rule), gain: app.siteGain(pin.site) };
    return { name: values.n, words: app.word(values.gain ? "map.proposal" : "map.site", values), chosen: pin.number === app.state.site };
  }

  /* Draws the pins anew; the one that the keyboard is on keeps it. */
  app.drawPins = function (layer) {
    var map = app.map, held = document.activeElement, focus = held && held.getAttribute("data-site");
    layer.clearLayers();
    if (!map.hasLayer(layer)) { return; }
    app.halves(map.getSize()).forEach(function (half) { drawCatchments(layer, half.rule); });
    app.pinPlaces(map).forEach(function (pin, at) {
      var told = pinWords(pin), words = told.words, chosen = told.chosen, side = coarse() ? FINGER : WIDE, tall = coarse() ? FINGER : HIGH;
      if (pin.off[0] || pin.off[1]) { leader(layer, map, pin); }
      var mark = L.marker(pin.place, { pane: "sites", zIndexOffset: chosen ? 1000 : -at, icon: L.divIcon({ className: "pin", html: app.pinPicture(told.name, chosen), iconSize: [side, tall], iconAnchor: [side / 2 - pin.off[0], tall - 1 - pin.off[1]] }) });
      mark.bindTooltip(app.node("span", "", words), { direction: "top", offset: [pin.off[0], pin.off[1] - 34] });
      function take() { app.choose(Object.assign({ tab: "place", side: pin.rule === app.state.against ? "right" : "left" }, pin.unit ? { facility: { service: pin.unit.service, row: pin.unit.row } } : { site: pin.number })); }
      mark.on("click", take);
      layer.addLayer(mark);
      var drawn = mark.getElement();
      drawn.dataset.site = pin.unit ? pin.unit.code : String(pin.number);
      drawn.setAttribute("aria-label", words);
      drawn.setAttribute("aria-pressed", String(chosen));
      drawn.addEventListener("keydown", function (event) {
        if (event.key !== "Enter" && event.key !== " ") { return; }
        event.preventDefault();
        event.stopPropagation();
        take();
      });
      if (focus === drawn.dataset.site) { drawn.focus({ preventScroll: true }); }
    });
  };
}(lifecircle));
