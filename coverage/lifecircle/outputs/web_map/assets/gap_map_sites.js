"use strict";
/* Where to build next: proposed sites in order, who gains by them, and how good any choice could be. */
(function (app) {
  var node = app.node, word = app.word;

  /* A community that a site newly reaches, and how many of its people. */
  function gainer(one) {
    var row = app.data.communities.code.indexOf(one[0]);
    return word("map.gainer", { name: row < 0 ? one[0] : app.communityName(row), n: app.number(one[1], 0) });
  }

  /* How the sites shown were chosen, a sentence for each rule and service among them. */
  function chosenWords(sites) {
    return app.data.proposals.chosen.filter(function (one) {
      return sites.some(function (site) { return site.plan === one.plan && site.rule === one.rule && site.service === one.service; });
    }).map(function (one) { return one.words[app.state.lang]; });
  }

  /* The sites of one service in their order, each leading to its place. */
  function siteList(sites) {
    var list = node("ol", "sites");
    sites.forEach(function (site) {
      var item = node("li");
      // a community that is known by its code alone says less than the street
      var name = site.street && app.data.communities.code.indexOf(site.name) >= 0 ? "" : site.name;
      var place = [name, site.street].filter(Boolean).join(" · ") || word("map.site", { n: app.number(site.rank) });
      var go = app.link(place, function () { app.map.panTo(app.place(site.x, site.y, app.data.origin), { animate: false }); });
      item.appendChild(node("span", "rank", app.number(site.rank)));
      item.appendChild(go);
      var said = [site.gain === null ? "" : word("map.site-gain", { n: app.number(Math.round(site.gain), 0) }), site.turned_met ? word("map.site-closes", { n: app.number(site.turned_met) }) : ""];
      item.appendChild(node("small", "gain", said.filter(Boolean).join(word("map.semicolon"))));
      if (site.gainers.length) { item.appendChild(node("small", "gainers", word("map.site-gainers", { name: app.list(site.gainers.map(gainer)) }))); }
      list.appendChild(item);
    });
    return list;
  }

  /* Where to build: sites in order, each with its place and whom it brings within reach; the curve. */
  app.whereNext = function (theme) {
    var sites = app.sitesOf(theme);
    if (!sites.length) { return null; }
    var made = node("section", "next"), services = Array.from(new Set(sites.map(function (site) { return site.service; })));
    made.appendChild(node("h3", "", word("map.where-next")));
    services.forEach(function (service) {
      if (services.length > 1) { made.appendChild(node("h4", "", app.serviceName(service))); }
      made.appendChild(siteList(sites.filter(function (site) { return site.service === service; })));
    });
    chosenWords(sites).forEach(function (words) { made.appendChild(node("p", "note chosen", words)); });
    // nothing is drawn where nobody counted people
    app.curveOf(theme).map(app.siteCurve).forEach(function (curve) { if (curve) { made.appendChild(curve); } });
    return made;
  };
}(lifecircle));
