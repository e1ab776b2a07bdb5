"use strict";
/* Where to build next: proposed sites in order, who gains by them, the panel of each, and how good any choice could be. */
(function (app) {
  var node = app.node, word = app.word;

  /* Where a site is, in degrees. @param {number} number */
  app.sitePlace = function (number) {
    var site = app.data.proposals.sites[number];
    return app.place(site.x, site.y, app.data.origin);
  };

  /* Rows of the communities that gain most by a site. */
  app.gainersOf = function (site) {
    return site.gainers.map(function (one) { return app.data.communities.code.indexOf(one[0]); }).filter(function (row) { return row >= 0; });
  };

  /* Community and street in one: a community that is known by its code alone says less than the street. */
  app.siteWords = function (site) {
    var row = app.data.communities.code.indexOf(site.code), named = row >= 0 ? app.communityName(row) : site.name;
    var name = site.street && (named === site.code || (row >= 0 && app.data.communities.kind[row] === "cell")) ? "" : named;
    return [name, site.street].filter(Boolean).join(" · ") || word("map.site", { n: app.number(site.rank) });
  };

  /* A community that a site newly reaches, and how many of its people. */
  function gainer(one) {
    var row = app.data.communities.code.indexOf(one[0]);
    return word("map.gainer", { name: row < 0 ? one[0] : app.communityName(row), n: app.number(one[1], 0) });
  }

  /* Whom a site newly brings within reach: residents, else the share of what stands in for them; blank where unknown. */
  app.siteGain = function (site) {
    if (!app.unknown(site.gain)) { return word("map.site-gain", { n: app.number(Math.round(site.gain), 0) }); }
    var basis = word("status.basis." + app.data.proposals.basis);
    return app.unknown(site.gain_share) ? "" : word("map.site-gain-share", { share: app.number(site.gain_share, 1), basis: basis });
  };

  /* How the sites shown were chosen, a sentence for each rule and service among them. */
  function chosenWords(sites) {
    return app.data.proposals.chosen.filter(function (one) {
      return sites.some(function (site) { return site.plan === one.plan && site.rule === one.rule && site.service === one.service; });
    }).map(function (one) { return one.words[app.state.lang]; });
  }

  /** Where to build first for a headline target, in a line; or why no place is named. @param {Theme} theme */
  app.firstPlace = function (theme) {
    var site = app.sitesOf(theme)[0], told = app.headlineOf(theme);
    if (site) { return word(app.unknown(site.gain) ? "map.first-place" : "map.first-place-gain", { name: app.siteWords(site), n: app.number(Math.round(site.gain || 0), 0) }); }
    if (told && told.stations) { return word("map.first-station", { name: told.stations[app.state.lang] }); }
    return told && told.no_sites ? word("map.no-sites." + told.no_sites) : "";
  };

  /* Whom a site brings within reach under other rules that ask for its service: [{theme, gain}], those that ask alike once. */
  function jointOf(site) {
    var found = [];
    site.joint.forEach(function (one) {
      var theme = app.data.themes.find(function (other) { return other.plan === one[0] && other.rule === one[1]; }), first = theme && app.alikeOf(theme)[0];
      if (first && !found.some(function (known) { return known.theme === first; })) { found.push({ theme: first, gain: one[2] }); }
    });
    return found;
  }

  /* What all sites of a rule together bring under another one, beside what its own would bring. */
  function jointNotes(sites) {
    return sites.length ? jointOf(sites[0]).map(function (joint) {
      var own = app.sitesOf(joint.theme), sum = function (all, gain) { return all.reduce(function (total, one) { return total + (gain(one) || 0); }, 0); };
      var gained = sum(sites, function (site) { return (jointOf(site).find(function (one) { return one.theme === joint.theme; }) || {}).gain; });
      return node("p", "note joint", word("map.joint-all", { n: app.number(sites.length), name: app.ruleTitle(joint.theme), people: app.number(Math.round(gained), 0), own: app.number(Math.round(sum(own, function (site) { return site.gain; })), 0) }));
    }) : [];
  }

  /* The sites of one service in their order, each leading to its place. */
  function siteList(sites) {
    var list = node("ol", "sites");
    list.dataset.all = String(sites.length);
    sites.forEach(function (site) {
      var item = node("li");
      var go = app.link(app.siteWords(site), function () { app.choose({ site: app.data.proposals.sites.indexOf(site), fly: true, tab: "place" }); });
      item.appendChild(node("span", "rank", app.pinName(site)));
      item.appendChild(go);
      var said = [app.siteGain(site), closedWords(site)];
      item.appendChild(node("small", "gain", said.filter(Boolean).join(word("map.semicolon"))));
      if (site.gainers.length) { item.appendChild(node("small", "gainers", word("map.site-gainers", { name: app.list(site.gainers.map(gainer)) }))); }
      list.appendChild(item);
    });
    return list;
  }

  function pair(list, name, value) {
    var shown = node("dd");
    shown.appendChild(typeof value === "string" ? node("bdi", "", value) : value);
    list.appendChild(node("dt", "", name));
    list.appendChild(shown);
  }

  /* What a site turns met: a rule of its plan and the unit that then meets it, for each. */
  function closed(site) {
    return site.closes.split("; ").filter(Boolean).map(function (told) {
      var parts = told.split(" "), theme = app.data.themes.find(function (one) { return one.rule === parts[0]; }), row = app.data.communities.code.indexOf(parts[1]);
      return { theme: theme, row: row };
    }).filter(function (one) { return one.theme && one.row >= 0; });
  }

  /* How many communities a site turns met; where some meet several requirements by it, how many these are. */
  function closedWords(site) {
    var all = new Set(closed(site).map(function (one) { return one.row; })).size, values = { n: app.number(all), number: app.number(site.turned_met) };
    if (!site.turned_met) { return ""; }
    return all ? word(all < site.turned_met ? "map.site-closes-several" : "map.site-closes", values) : word("map.site-closes-else", { n: values.number });
  }

  function closedList(site) {
    var list = node("ul", "shortfalls"), all = closed(site);
    all.forEach(function (one) {
      var item = node("li");
      item.appendChild(app.link(app.communityName(one.row), function () { app.choose({ theme: app.data.themes[one.theme.index], community: one.row, fly: true }); }));
      item.appendChild(node("small", "", app.ruleTitle(one.theme)));
      list.appendChild(item);
    });
    if (!all.length) { list.appendChild(node("li", "note", closedWords(site) || word("map.site-closes-none"))); }
    return list;
  }

  /* The panel of one site: whom it brings within reach, what it closes, where it is, how far one walks from it. */
  app.siteView = function (holder, number) {
    var site = app.data.proposals.sites[number], row = app.data.communities.code.indexOf(site.code), place = app.sitePlace(number), list = node("dl", "figures"), gains = node("ul", "shortfalls");
    holder.appendChild(node("h2", "", word("map.site", { n: app.pinName(site) }) + word("map.colon") + app.siteWords(site)));
    holder.appendChild(node("p", "note", app.serviceName(site.service) + " · " + app.ruleTitle(app.toldRule())));
    if (app.siteGain(site)) { holder.appendChild(node("p", "people", app.sentence(app.siteGain(site)))); }
    jointOf(site).forEach(function (one) { holder.appendChild(node("p", "joint", word("map.joint", { name: app.ruleTitle(one.theme), n: app.number(one.gain, 0) }))); });
    if (row >= 0) {
      pair(list, word("map.column.name"), app.link(app.communityName(row), function () { app.choose({ community: row, fly: true }); }));
      if (app.data.communities.township[row] >= 0) { pair(list, word("map.column.township"), app.townshipName(app.data.communities.township[row])); }
    }
    if (site.street) { pair(list, word("map.on-street"), site.street); }
    pair(list, word("map.coordinates"), place[0].toFixed(5) + ", " + place[1].toFixed(5));
    holder.appendChild(list);
    holder.appendChild(node("h3", "", word("map.site-turns")));
    holder.appendChild(closedList(site));
    if (site.gainers.length) {
      holder.appendChild(node("h3", "", word("map.gainers")));
      site.gainers.forEach(function (one) {
        var at = app.data.communities.code.indexOf(one[0]), item = node("li");
        if (at < 0) { return; }
        item.appendChild(app.link(app.communityName(at), function () { app.choose({ community: at, fly: true }); }));
        item.appendChild(node("span", "amount", word("map.people", { n: app.number(one[1], 0) })));
        gains.appendChild(item);
      });
      holder.appendChild(gains);
    }
    [app.walkBlock()].forEach(function (part) { if (part) { holder.appendChild(part); } });
    chosenWords([site]).forEach(function (words) { holder.appendChild(node("p", "note chosen", words)); });
  };

  /* Where to build: sites in order, each with its place and whom it brings within reach; the curve. */
  app.whereNext = function (theme) {
    var sites = app.sitesOf(theme), made = node("section", "next"), reason = sites.length ? "" : app.firstPlace(theme);
    if (reason) {
      made.appendChild(node("h3", "", word("map.where-next")));
      made.appendChild(node("p", "note", reason));
      return made;
    }
    if (!sites.length) { return null; }
    var services = Array.from(new Set(sites.map(function (site) { return site.service; })));
    made.appendChild(node("h3", "", word("map.where-next")));
    if (sites[0].plan !== theme.plan || sites[0].rule !== theme.rule) {
      var other = app.data.themes.find(function (one) { return one.plan === sites[0].plan && one.rule === sites[0].rule; });
      if (other) { made.appendChild(node("p", "note", word("map.sites-of", { name: app.ruleTitle(other) }))); }
    }
    services.forEach(function (service) {
      if (services.length > 1) { made.appendChild(node("h4", "", app.serviceName(service))); }
      made.appendChild(siteList(sites.filter(function (site) { return site.service === service; })));
    });
    jointNotes(sites).forEach(function (note) { made.appendChild(note); });
    chosenWords(sites).forEach(function (words) { made.appendChild(node("p", "note chosen", words)); });
    // nothing is drawn where nobody counted people
    app.curveOf(theme).map(app.siteCurve).forEach(function (curve) { if (curve) { made.appendChild(curve); } });
    return made;
  };
}(lifecircle));
