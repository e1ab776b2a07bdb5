"use strict";
/* The layers of the map: communities, backdrop, and what can be laid over them. */
(function (app) {
  var PANES = [
    ["communities", 400, true], ["compare", 401, false], ["water", 402, false], ["streets", 405, false], ["areas", 410, false],
    ["outline", 415, false], ["gaps", 420, false], ["facilities", 430, false], ["names", 440, false], ["chosen", 436, false], ["leaders", 458, false], ["sites", 460, false]
  ];
  var layers = {};

  /* A canvas as large as the map, redrawn when the view has settled. */
  app.Sketch = L.Layer.extend({
    initialize: function (pane, draw) { this._name = pane; this._draw = draw; },
    onAdd: function (map) {
      this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", map.getPane(this._name));
      map.on("moveend viewreset resize", this.redraw, this);
      this.redraw();
    },
    onRemove: function (map) {
      map.off("moveend viewreset resize", this.redraw, this);
      this._canvas.remove();
    },
    redraw: function () {
      var map = this._map, size = map.getSize(), ratio = document.body.classList.contains("printing") ? 3 : window.devicePixelRatio || 1;
      this._canvas.width = size.x * ratio;
      this._canvas.height = size.y * ratio;
      this._canvas.style.width = size.x + "px";
      this._canvas.style.height = size.y + "px";
      L.DomUtil.setPosition(this._canvas, map.containerPointToLayerPoint([0, 0]));
      var brush = this._canvas.getContext("2d");
      brush.scale(ratio, ratio);
      this._draw(brush, map, size);
    }
  });

  app.buildLayers = function (map) {
    PANES.forEach(function (entry) {
      var pane = map.createPane(entry[0]);
      pane.style.zIndex = entry[1];
      if (!entry[2]) { pane.style.pointerEvents = "none"; }
    });
    app.map = map;
    buildCommunities();
    buildBackdrop();
    layers.facilities = new app.Sketch("facilities", app.drawFacilities);
    layers.gaps = new app.Sketch("gaps", drawGaps);
    layers.units = new app.Sketch("areas", app.drawAreas).addTo(map);
    layers.walk = new app.Sketch("areas", app.drawWalk);
    layers.names = app.nameLayer();
    layers.routes = L.layerGroup().addTo(map);
    ["isochrones", "catchments", "circles", "proposals"].forEach(function (name) { layers[name] = L.layerGroup(); });
    layers.scenario = L.layerGroup().addTo(map);
    layers.chosen = L.layerGroup().addTo(map);
    app.compareRenderer = L.svg({ pane: "compare", padding: 0.2 });
    layers.compare = L.layerGroup().addTo(map);
    map.on("zoomend", function () { app.drawPins(layers.proposals); });
    buildBasemap();
    app.layers = layers;
  };

  /* Tiles, where the study asked for them: communities become glass over them. */
  function buildBasemap() {
    var asked = app.data.basemap;
    if (!asked) { return; }
    layers.basemap = L.layerGroup(asked.urls.map(function (url) {
      return L.tileLayer(url, { subdomains: asked.subdomains, maxNativeZoom: asked.max_zoom, maxZoom: 19 });
    }));
    app.map.on("layeradd layerremove", function (event) {
      if (event.layer === layers.basemap) { document.body.classList.toggle("with-basemap", event.type === "layeradd"); }
    });
  }

  function buildCommunities() {
    var all = app.data.communities, renderer = L.svg({ pane: "communities", padding: 0.2 });
    app.shapes = all.shape.map(function (text, row) {
      var shape = L.polygon(app.polygons(text, app.data.origin), { renderer: renderer, pane: "communities", fillOpacity: 1, bubblingMouseEvents: false });
      shape.on("click", function (event) { app.clicked(event.latlng, row); });
      shape.on("mouseover", function (event) { app.hinted(row, shape, event.latlng); });
      return shape;
    });
    layers.communities = L.featureGroup(app.shapes).addTo(app.map);
  }

  function least(values) { return values.reduce(function (a, b) { return Math.min(a, b); }, Infinity); }

  function most(values) { return values.reduce(function (a, b) { return Math.max(a, b); }, -Infinity); }

  /* Lines as places of a world one unit wide, so that a redraw only scales them. */
  app.flattened = function (lines) {
    return lines.map(function (line) {
      var flat = { x: new Float64Array(line.length), y: new Float64Array(line.length) };
      line.forEach(function (place, at) {
        var world = app.map.project(place, 0);
        flat.x[at] = world.x;
        flat.y[at] = world.y;
      });
      flat.box = [least(flat.x), least(flat.y), most(flat.x), most(flat.y)];
      return flat;
    });
  };

  /* Adds every line in view to the brush's path. */
  app.trace = function (brush, map, size, lines) {
    var scale = Math.pow(2, map.getZoom()), corner = map.project(map.containerPointToLatLng([0, 0]), 0);
    var right = corner.x + size.x / scale, bottom = corner.y + size.y / scale;
    brush.beginPath();
    lines.forEach(function (line) {
      if (line.box[0] > right || line.box[2] < corner.x || line.box[1] > bottom || line.box[3] < corner.y) { return; }
      for (var at = 0; at < line.x.length; at += 1) {
        brush[at ? "lineTo" : "moveTo"]((line.x[at] - corner.x) * scale, (line.y[at] - corner.y) * scale);
      }
    });
  };

  function buildBackdrop() {
    var origin = app.data.origin, waters = app.data.water, all = [].concat;
    var areas = app.flattened(all.apply([], all.apply([], waters.areas.map(function (text) { return app.polygons(text, origin); }))));
    var barriers = app.flattened(all.apply([], waters.lines.map(function (text) { return app.lines(text.replace(/;/g, ","), origin); })));
    var minor = app.flattened(app.lines(app.data.streets.minor, origin)), major = app.flattened(app.lines(app.data.streets.major, origin));
    layers.water = new app.Sketch("water", function (brush, map, size) {
      app.trace(brush, map, size, areas);
      brush.fillStyle = "#a9c6d8";
      brush.fill("evenodd");
      stroke(brush, map, size, barriers, "#7fa6bf", 1.5);
    });
    layers.streets = new app.Sketch("streets", function (brush, map, size) {
      var near = Math.max(0, map.getZoom() - 13);
      stroke(brush, map, size, minor, "rgba(70, 66, 60, 0.30)", 0.5 + near * 0.4);
      stroke(brush, map, size, major, "rgba(50, 46, 40, 0.50)", 1.3 + near * 0.6);
    });
    L.polygon(app.polygons(app.data.boundary, origin), { renderer: L.svg({ pane: "outline" }), pane: "outline", fill: false, color: "#222222", weight: 2, dashArray: "10 4 2 4", interactive: false }).addTo(app.map);
  }

  function stroke(brush, map, size, lines, colour, width) {
    app.trace(brush, map, size, lines);
    brush.strokeStyle = colour;
    brush.lineWidth = width;
    brush.stroke();
  }

  function shown() { return app.shownServices(app.toldRule()); }

  function drawGaps(brush, map, size) { app.inHalves(brush, size, function (half) { drawGapsOf(half.rule, brush, map); }); }

  function drawGapsOf(rule, brush, map) {
    var metres = 40075016.7 * Math.cos(map.getCenter().lat * Math.PI / 180) / 256 / Math.pow(2, map.getZoom());
    app.servicesOf(rule).forEach(function (service) {
      var layer = app.data.gaps[service];
      if (!layer) { return; }
      brush.fillStyle = "rgba(74, 20, 120, 0.55)";
      /* Where nobody knows how many people there are, the largest cell is drawn as one of 1,000. */
      (layer.residents || layer.weight.map(function (share) { return share * 1000; })).forEach(function (people, row) {
        var point = map.latLngToContainerPoint(app.place(layer.x[row], layer.y[row], app.data.origin));
        brush.beginPath();
        brush.arc(point.x, point.y, Math.max(1, Math.sqrt(people || 0) * 2.5 / Math.sqrt(metres)), 0, 7);
        brush.fill();
      });
    });
  }

  function drawAreas(name, style) {
    layers[name].clearLayers();
    if (!app.map.hasLayer(layers[name])) { return; }
    shown().forEach(function (service) {
      (app.data[name][service] || []).forEach(function (area) {
        var drawn = app.polygons(area.shape, app.data.origin);
        layers[name].addLayer(L.polygon(area.off_m === undefined ? drawn : app.roundedOff(drawn), style(area)));
      });
    });
  }

  function drawCircle() {
    layers.circles.clearLayers();
    var row = app.state.community, shape = row !== null && app.data.circles.shape && app.data.circles.shape[row];
    if (shape && !app.walkShown()) {
      layers.circles.addLayer(L.polygon(app.roundedOff(app.polygons(shape, app.data.origin)), { pane: "areas", color: "#00441b", weight: 2, dashArray: "6 4", fillColor: "#1b7837", fillOpacity: 0.18, interactive: false }));
    }
  }

  /* Ways from the community chosen to what it lacks under the rule shown, by the measure of its limit: [{service, layer, at}]. */
  function routesShown() {
    var chosen = app.state.community, theme = app.toldRule(), rule = theme && theme.plan + "/" + theme.rule;
    if (chosen === null || !app.map.hasLayer(layers.routes)) { return []; }
    return app.servicesOf(theme).map(function (service) {
      var layer = app.data.routes[service], at = layer ? layer.community.findIndex(function (row, place) {
        return row === chosen && layer.rules[layer.of[place]].indexOf(rule) >= 0;
      }) : -1;
      return { service: service, layer: layer, at: at };
    }).filter(function (one) { return one.at >= 0; });
  }

  function drawRoutes() {
    layers.routes.clearLayers();
    routesShown().forEach(function (one) {
      var places = app.lines(one.layer.shape[one.at], app.data.origin);
      layers.routes.addLayer(L.polyline(places, { pane: "chosen", color: "#ffffff", weight: 6, opacity: 0.9, interactive: false }));
      layers.routes.addLayer(L.polyline(places, { pane: "chosen", color: app.routeColour, weight: 3, interactive: false }));
    });
  }

  app.routeColour = "#c51b7d";

  /* Words for the ways drawn: facility, length, time. */
  app.routesTold = function () {
    return routesShown().map(function (one) {
      var layer = one.layer, at = one.at;
      return app.word("map.route", { name: app.serviceName(one.service), to: layer.facility[at] || app.word("map.unnamed", { name: app.serviceName(one.service) }), n: app.number(layer.metres[at], 0), minutes: app.number(layer.minutes[at]) });
    });
  };

  app.bandDash = function (minutes) { return { 10: "8 4", 15: "2 4" }[minutes] || null; };

  /* Everything that depends on the rule or the community chosen. */
  app.drawOverlays = function () {
    drawAreas("isochrones", function (area) {
      return { pane: "areas", color: "#00441b", weight: 1, opacity: 0.75, dashArray: app.bandDash(area.minutes), fillColor: "#1b7837", fillOpacity: 0.08, interactive: false };
    });
    drawAreas("catchments", function () {
      return { pane: "areas", color: "#3d0a5b", weight: 1.5, fill: false, interactive: false };
    });
    drawCircle();
    drawRoutes();
    app.drawSides();
    if (app.map.hasLayer(layers.walk)) { layers.walk.redraw(); }
  };

  /* What is drawn once for each side of a divided map. */
  app.drawSides = function () {
    app.drawPins(layers.proposals);
    app.drawScenario(layers.scenario);
    ["units", "facilities", "gaps", "names"].forEach(function (name) {
      if (app.map.hasLayer(layers[name])) { layers[name].redraw(); }
    });
  };

  /* Sets what changed on the drawn path itself: setStyle writes nine attributes each time. */
  function paint(shape, fill, mark) {
    var path = shape.getElement(), border = app.border(mark);
    if (shape.fill !== fill) { path.setAttribute("fill", fill); shape.fill = fill; }
    if (shape.mark !== mark) {
      path.setAttribute("stroke", border.color);
      path.setAttribute("stroke-width", border.weight);
      if (border.dashArray) { path.setAttribute("stroke-dasharray", border.dashArray); } else { path.removeAttribute("stroke-dasharray"); }
      shape.mark = mark;
    }
  }

  function recolour() {
    var before = app.state.compare && !app.state.against, theme = before ? app.state.theme : app.state.view, measure = app.state.measure;
    app.shapes.forEach(function (shape, row) { paint(shape, app.lookAt(theme, measure, row, before), theme.status[row]); });
  }

  function outlineChosen() {
    layers.chosen.clearLayers();
    var chosen = app.state.community !== null ? [app.state.community] : app.state.site !== null ? app.gainersOf(app.data.proposals.sites[app.state.site]) : app.data.communities.code.map(function (ignored, row) { return row; }).filter(function (row) {
      return app.state.township !== null && app.data.communities.township[row] === app.state.township;
    });
    chosen.forEach(function (row) {
      layers.chosen.addLayer(L.polygon(app.shapes[row].getLatLngs(), { pane: "chosen", fill: false, color: "#000000", weight: app.state.community !== null ? 3 : 1.6, interactive: false }));
    });
    /* A community of a few pixels is ringed. */
    if (app.state.community !== null) {
      var bounds = app.shapes[app.state.community].getBounds(), wide = app.map.latLngToContainerPoint(bounds.getNorthEast()).x - app.map.latLngToContainerPoint(bounds.getSouthWest()).x;
      if (wide < 26) { layers.chosen.addLayer(L.circleMarker(bounds.getCenter(), { pane: "chosen", radius: 17, fill: false, color: "#000000", weight: 2.5, interactive: false })); }
    }
  }

  /* A site is shown with the communities that gain by it; a view that is closer already stays. @param {number} number */
  function showSite(number) {
    var place = app.sitePlace(number), bounds = L.latLngBounds([place]);
    app.gainersOf(app.data.proposals.sites[number]).forEach(function (row) { bounds.extend(app.shapes[row].getBounds()); });
    if (app.map.getZoom() < app.map.getBoundsZoom(bounds.pad(0.2)) - 0.5) { app.map.fitBounds(bounds.pad(0.2), { maxZoom: 14.5, animate: false, paddingTopLeft: app.besideLegend() }); } else { app.map.panInside(place, { padding: [60, 60], animate: false }); }
  }

  /* Moves the map only where the place chosen is out of sight; the city stays as large as it was. */
  app.bringIntoView = function (state) {
    var bounds = null;
    if (state.facility) {
      var layer = app.data.facilities[state.facility.service];
      bounds = L.latLngBounds([app.place(layer.x[state.facility.row], layer.y[state.facility.row], app.data.origin)]);
    } else if (state.site !== null) {
      showSite(state.site);
    } else if (state.community !== null) { bounds = app.shapes[state.community].getBounds(); }
    if (!bounds || app.map.getBounds().pad(-0.05).contains(bounds)) { return; }
    app.map.panTo(bounds.getCenter(), { animate: false });
    if (!app.map.getBounds().contains(bounds)) { app.map.fitBounds(bounds, { maxZoom: app.map.getZoom(), padding: [40, 40], animate: false }); }
  };

  app.part("colours", ["view", "measure", "compare", "against", "lang"], function () { recolour(); app.drawCompared(); });
  app.part("outline", ["community", "township", "site"], outlineChosen);
  app.part("overlays", ["view", "theme", "measure", "community", "spot", "site", "scenario", "after", "compare", "against", "side", "lang"], function () { app.drawOverlays(); });
}(lifecircle));
