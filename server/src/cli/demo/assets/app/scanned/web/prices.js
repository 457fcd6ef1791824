"use strict";

const PRICES = {
  home: { small: 490, large: 790 },
  neighbours: { small: 890, large: 1490 },
  overseas: { small: 1690, large: 3290 },
};

const SURCHARGES = [
  { from: 2000, cents: 150 },
  { from: 5000, cents: 400 },
  { from: 10000, cents: 900 },
];

function zonePrice(zone, size) {
  const row = PRICES[zone];
  return size === "large" ? row.large : row.small;
}

function surcharge(grams) {
  const steps = SURCHARGES.filter((step) => grams >= step.from);
  return steps.length === 0 ? 0 : steps.at(-1).cents;
}

function total(zone, size, grams) {
  return zonePrice(zone, size) + surcharge(grams);
}

module.exports = { surcharge, total, zonePrice };
