"use strict";
/* The panel beside the map: the scenario's name, its changes, who comes into reach, sites, files. */
(function (app) {
  var live = app.live, node = app.node, word = app.word, PARTS = ["add", "move", "close", "open_streets", "close_streets", "capacity"], sites = null, working = "";

  function button(words, act) {
    var made = node("button", "", words);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  function changeWords(part, one, at) {
    if (part === "add") { return word("live.change.add", { name: [one.name, app.serviceName(one.service)].filter(Boolean).join(" · ") }); }
    if (part === "close") { return word("live.change.close", { name: live.nameOf(one).name }); }
    if (part === "move") { return word("live.change.move", { name: live.nameOf(one.facility).name }); }
    if (part === "capacity") { return word("live.change.capacity", { name: live.nameOf(one.facility).name, value: app.number(one.capacity) }); }
    return word("live.change." + part, { number: String(at + 1) });
  }

  function drawChanges() {
    var list = app.empty(app.byId("live-changes")), change = live.state.change, count = 0;
    PARTS.forEach(function (part) {
      (change[part] || []).forEach(function (one, at) {
        var item = node("li");
        count += 1;
        item.appendChild(node("bdi", "", changeWords(part, one, at)));
        item.appendChild(button(word("live.take-back"), function () { live.edit({ kind: "take-back", part: part, at: at }); }));
        list.appendChild(item);
      });
    });
    if (!count) { list.appendChild(node("li", "note", word("live.nothing"))); }
  }

  function drawNames() {
    var select = app.empty(app.byId("live-scenarios")), names = live.state.saved.slice();
    if (names.indexOf(live.state.name) < 0) { names.unshift(live.state.name); }
    names.forEach(function (name) { select.appendChild(app.option(name, name, name === live.state.name)); });
    app.byId("live-named").textContent = word("live.scenario") + word("map.colon") + live.state.name;
    if (document.activeElement !== app.byId("live-name")) { app.byId("live-name").value = live.state.name; }
  }

  function drawReach() {
    var list = app.empty(app.byId("live-reach")), told = live.first;
    live.unsay("remark");
    if (!told || told.version !== live.version) { return; }
    Object.keys(told.services).slice(0, 6).forEach(function (service) {
      var one = told.services[service], values = { name: app.serviceName(service), minutes: app.number(one.limit) };
      if (one.before === null) {
        list.appendChild(node("li", "", word("live.reach-unknown", Object.assign(values, { n: app.number(one.more.length), number: app.number(one.fewer.length) }))));
        return;
      }
      var more = one.after - one.before;
      list.appendChild(node("li", "", word("live.reach", Object.assign(values, { from: app.number(one.before, 0), to: app.number(one.after, 0), number: (more < 0 ? "−" : "+") + app.number(Math.abs(more), 0) }))));
    });
    var remarks = told.remarks.map(function (one) {
      var values = Object.assign({}, one.values);
      if (!values.name && values.service) { values.name = app.serviceName(values.service); }
      return word(one.key, values);
    });
    if (remarks.length) { live.say("remark", remarks.join("\n"), true); }
  }

  function drawGains() {
    var holder = app.empty(app.byId("live-gains")), told = live.verdicts, rows = told && told.version === live.version ? told.gainers : [];
    if (!rows.length) { return; }
    holder.appendChild(node("h3", "", word("live.gains")));
    var table = node("table"), head = node("tr");
    ["live.group", "live.group-more", "live.group-fewer"].forEach(function (key, at) { head.appendChild(node(at ? "td" : "th", "", word(key))); });
    table.appendChild(head);
    rows.slice(0, 18).forEach(function (row) {
      var line = node("tr");
      line.appendChild(node("th", "", app.serviceName(row.service) + " · " + word("effects.cohort." + row.cohort)));
      [row.newly_reached, row.no_longer_reached].forEach(function (value) { line.appendChild(node("td", "", app.number(value, 0))); });
      table.appendChild(line);
    });
    holder.appendChild(table);
  }

  function drawCost() {
    var line = app.empty(app.byId("live-cost")), told = live.verdicts, cost = told && told.version === live.version ? told.cost : null;
    if (!cost || (!cost.cost && !cost.unknown.length)) { return; }
    if (cost.unknown.length) {
      line.textContent = word("live.cost-unknown", { name: app.list(cost.unknown.map(function (one) { return one === "street" ? word("live.cost-street") : app.serviceName(one); })) });
      return;
    }
    var values = { value: app.number(cost.cost, 0), name: cost.currency };
    if (cost.cost_per_person === null) { line.textContent = word("live.cost", values); return; }
    line.textContent = word("live.cost-each", Object.assign(values, { number: app.number(cost.cost_per_person, 0), n: app.number(cost.people_reached, 0) }));
  }

  live.drawPanel = function () {
    if (!live.state) { return; }
    drawNames();
    drawChanges();
    drawReach();
    drawGains();
    drawCost();
    var busy = live.shown !== live.version, state = app.byId("live-state"), started = live.state.undo || live.shown >= 0;
    state.textContent = !busy ? word("live.current") : started ? word("live.computing") : "";
    state.classList.toggle("busy", busy && started);
    document.body.setAttribute("data-live", busy ? "busy" : "current");
    document.body.setAttribute("data-version", String(live.version));
    app.byId("live-undo").disabled = !live.state.undo;
    app.byId("live-redo").disabled = !live.state.redo;
    live.unsay("stale");
    if (live.state.stale.length) { live.say("stale", word("live.stale", { name: app.list(live.state.stale) })); }
    drawSites();
  };

  live.showState = function () { live.drawPanel(); live.drawMarks(); live.drawFirst(); live.drawGrips(); };

  live.showFirst = function () { live.drawFirst(); drawReach(); };

  /* Verdicts take the place of those before: the page's own parts draw them. */
  live.showVerdicts = function (told) {
    var scenario = told.scenario;
    scenario.sites = scenario.sites.filter(function (site) { return site.change === "closed"; });
    scenario.streets = {};
    scenario.minutes = told.minutes;
    live.verdicts = told;
    app.data.scenarios = [scenario];
    app.data.totals = { "": app.data.totals[""] };
    app.data.totals[scenario.name] = told.totals || app.data.totals[""];
    app.choose({ scenario: 0, after: app.state.scenario === null ? true : app.state.after, redraw: ["scenario"] });
    live.drawPanel();
  };

  live.showJob = function (told) {
    working = told.job;
    app.byId("live-suggest-cancel").hidden = !working;
    app.byId("live-suggested").textContent = told.cancelled ? word("live.suggest-cancelled") : word("live.suggest-progress", { n: app.number(told.seconds, 0), number: app.number(told.limit, 0) });
  };

  live.showSites = function (told) {
    if (told.job !== working && working) { return; }
    working = "";
    sites = told.faults ? null : told;
    if (told.faults) { live.tellFaults(told.faults); app.byId("live-suggested").textContent = ""; }
    drawSites();
  };

  function drawSites() {
    app.byId("live-suggest-cancel").hidden = !working;
    app.byId("live-suggest-take").hidden = !sites;
    if (sites) { app.byId("live-suggested").textContent = app.named(sites.words, ""); }
    live.drawSuggested(sites ? sites.places : []);
  }

  live.showResults = function (told) {
    if (told.faults) { live.tellFaults(told.faults); }
    app.byId("live-written").textContent = told.faults ? "" : word("live.export-written", { name: told.folder });
  };

  function fillObjectives() {
    var select = app.byId("live-objective"), chosen = select.value || "population";
    app.empty(select);
    ["population", "distance", "worst"].forEach(function (one) { select.appendChild(app.option(one, word("live.objective." + one), one === chosen)); });
  }

  live.wirePanel = function () {
    var typed = function () { return app.byId("live-name").value.trim(); };
    app.byId("live-scenarios").addEventListener("change", function (event) { live.change("open", { name: event.target.value }).then(function (told) { if (!told) { drawNames(); } }); });
    app.byId("live-rename").addEventListener("click", function () { live.ask("name", { name: typed() }); });
    app.byId("live-copy").addEventListener("click", function () { live.ask("name", { name: typed(), copy: true }); });
    app.byId("live-new").addEventListener("click", function () { app.byId("live-name").blur(); live.change("new"); });
    app.byId("live-suggest").addEventListener("click", function () {
      var view = app.map.getBounds();
      sites = null;
      drawSites();
      live.ask("suggest", { sites: { service: live.service, new: Number(app.byId("live-new-sites").value), objective: app.byId("live-objective").value, bounds: [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()] } })
        .then(function (told) { if (told) { working = told.job; app.byId("live-suggest-cancel").hidden = false; } });
    });
    app.byId("live-suggest-cancel").addEventListener("click", function () { working = ""; live.ask("cancel"); });
    app.byId("live-suggest-take").addEventListener("click", function () {
      var taken = sites;
      sites = null;
      drawSites();
      app.byId("live-suggested").textContent = "";
      live.edit({ kind: "sites", service: taken.service, places: taken.places });
    });
    [["live-toml", "scenario.toml"], ["live-csv", "deficits.csv"]].forEach(function (pair) {
      app.byId(pair[0]).addEventListener("click", function () {
        var link = node("a");
        link.href = live.address(pair[1]);
        link.download = "";
        document.body.appendChild(link);
        link.click();
        link.remove();
      });
    });
    app.byId("live-png").addEventListener("click", function () { app.byId("png-button").click(); });
    app.byId("live-results").addEventListener("click", function () {
      live.ask("results").then(function (told) { if (told) { app.byId("live-written").textContent = word("live.export-writing"); } });
    });
    fillObjectives();
  };

  live.relabel = function () { fillObjectives(); live.drawBar(); live.drawPanel(); };
}(lifecircle));
