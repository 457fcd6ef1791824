"use strict";

const parcels = require("./parcels.json");

const STREET = /^([A-Za-z]+\s?)+\d+$/;
const POSTCODE = /^\d{4,5}$/;

function isStreet(line) {
  return STREET.test(line);
}

function isPostcode(code) {
  return POSTCODE.test(code);
}

function matches(parcel, pattern) {
  return [parcel.name, parcel.street, parcel.town].some((field) => pattern.test(field));
}

function findParcels(words) {
  const pattern = new RegExp(words, "i");
  return parcels.filter((parcel) => matches(parcel, pattern));
}

function newestFirst(list) {
  return [...list].sort((a, b) => b.sentAt - a.sentAt);
}

module.exports = { findParcels, isPostcode, isStreet, newestFirst };
